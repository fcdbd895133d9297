#include "sbom/filesystem.h"

#include <utility>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "oci/testing_tar.h"

namespace raykeep::sbom {
namespace {

using oci::testing::Entry;
using oci::testing::tar_of;

/// Those whose names begin with "want" are asked for.
Filesystem files_of(std::initializer_list<std::initializer_list<Entry>> layers,
                    FilesystemLimits limits = {}) {
  Filesystem files(
      [](std::string_view path) { return path.substr(path.rfind('/') + 1).starts_with("want"); },
      limits);
  for (const auto& entries : layers) {
    oci::LayerReader reader(
        [tar = tar_of(entries), given = false]() mutable {
          return std::exchange(given, true) ? std::string_view() : std::string_view(tar);
        },
        "application/vnd.oci.image.layer.v1.tar");
    files.apply(reader);
  }
  return files;
}

std::string shown(const Filesystem& files) {
  std::string made;
  files.each_content([&](const std::string& path, const std::string& content) {
    made += fmt::format("{}={} ", path, content);
  });
  for (const auto& [path, why] : files.unread()) made += fmt::format("!{} {} ", path, why);
  return made;
}

struct Case {
  const char* what;
  std::initializer_list<std::initializer_list<Entry>> layers;
  const char* shown;
};

TEST(Filesystem, IsWhatAContainerWouldSee) {
  const Entry lower{.path = "a/want", .content = "1"}, lower2{.path = "a/b/want", .content = "2"};
  for (const Case& each : std::initializer_list<Case>{
           {"asked for alone", {{lower, {.path = "a/other", .content = "x"}}}, "a/want=1 "},
           {"upper wins", {{lower}, {{.path = "a/want", .content = "9"}}}, "a/want=9 "},
           {"whiteout", {{lower, lower2}, {{.path = "a/.wh.want"}}}, "a/b/want=2 "},
           {"whiteout of a folder", {{lower, lower2}, {{.path = ".wh.a"}}}, ""},
           {"whiteout of a name's beginning",
            {{{.path = "a/want2"}}, {{.path = "a/.wh.want"}}},
            "a/want2= "},
           {"opaque",
            {{lower, lower2}, {{.path = "a/want3"}, {.path = "a/.wh..wh..opq"}}},
            "a/want3= "},
           {"a whiteout is of lower layers",
            {{lower}, {{.path = "a/want", .content = "9"}, {.path = "a/.wh.want"}}},
            "a/want=9 "},
           {"aufs' own marks",
            {{lower, {.path = ".wh..wh.plnk/want"}}},
            ".wh..wh.plnk/want= a/want=1 "},
           {"a file in a folder's place", {{lower, lower2}, {{.path = "a", .content = "x"}}}, ""},
           {"a folder over a folder", {{lower}, {{.path = "a/", .type = '5'}}}, "a/want=1 "},
           {"a folder in a symlink's place",
            {{lower, {.path = "l", .type = '2', .target = "a"}},
             {{.path = "l", .type = '5'}, {.path = "l/want"}}},
            "a/want=1 l/want= "},
           {"through a symlink of a folder",
            {{lower, {.path = "l", .type = '2', .target = "a"}},
             {{.path = "l/want", .content = "9"}}},
            "a/want=9 "},
           {"through one that leads out and up",
            {{{.path = "x/l", .type = '2', .target = "../../../a"}}, {{.path = "x/l/want"}}},
            "a/want= "},
           {"through an absolute one",
            {{{.path = "x/l", .type = '2', .target = "/a"}}, {{.path = "x/l/want"}}},
            "a/want= "},
           {"in a circle",
            {{{.path = "l", .type = '2', .target = "m"}, {.path = "m", .type = '2', .target = "l"}},
             {{.path = "l/want"}}},
            ""},
           {"a hard link",
            {{lower, {.path = "b/want", .type = '1', .target = "a/want"}}},
            "a/want=1 b/want=1 "},
           {"a hard link to what was not kept",
            {{{.path = "x"}, {.path = "want", .type = '1', .target = "x"}}},
            "!want is a link to what was not kept "},
           {"a hard link to itself",
            {{lower, {.path = "a/want", .type = '1', .target = "a/want"}}},
            "a/want=1 "}}) {
    EXPECT_EQ(shown(files_of(each.layers)), each.shown) << each.what;
  }
}

TEST(Filesystem, FindsContentThroughSymlinks) {
  Filesystem files = files_of({{{.path = "usr/lib/want", .content = "1"},
                                {.path = "lib", .type = '2', .target = "usr/lib"},
                                {.path = "etc/want", .type = '2', .target = "../lib/want"}}});
  ASSERT_NE(files.content("etc/want"), nullptr);
  EXPECT_EQ(*files.content("etc/want"), "1");
  EXPECT_EQ(files.content("etc/absent"), nullptr);
  EXPECT_EQ(files.resolve("lib/x/y"), "usr/lib/x/y");
  EXPECT_EQ(files.resolve("etc/want"), "etc/want");
}

TEST(Filesystem, KnowsProgramsByWhatTheyAre) {
  std::string elf(
      "\x7f"
      "ELF\2\1\1",
      7);
  elf.resize(16, '\0');
  std::string program = elf + std::string("\3\0", 2) + std::string(100, 'x');
  std::string object = elf + std::string("\1\0", 2) + std::string(100, 'x');
  std::string jar = "PK" + std::string(100, 'x');
  Filesystem files = files_of({{{.path = "p", .content = program},
                                {.path = "o", .content = object},
                                {.path = "x.jar", .content = jar},
                                {.path = "x.zip", .content = jar},
                                {.path = "q", .type = '1', .target = "p"}}});
  std::string made;
  files.each_program([&](const std::string& path, const Program& each) {
    made += fmt::format("{} {} ", path, each.size);
    EXPECT_EQ(each.digest, oci::Digest::of(path == "x.jar" ? jar : program));
  });
  EXPECT_EQ(made, "p 118 q 118 x.jar 102 ");
}

TEST(Filesystem, StaysWithinItsLimits) {
  EXPECT_EQ(shown(files_of({{{.path = "want", .content = "12345"}}}, {.file = 4})),
            "!want has 5 bytes, which is too many to be read ");
  EXPECT_THROW(files_of({{{.path = "want", .content = "12345"}}}, {.kept = 8}), Failure);
  EXPECT_THROW(files_of({{{.path = "want1"}, {.path = "want2"}}}, {.nodes = 1}), Failure);
  // What is taken away is no longer counted.
  EXPECT_NO_THROW(files_of(
      {{{.path = "want", .content = "1234"}}, {{.path = "want", .content = "123"}}}, {.kept = 8}));
}

}  // namespace
}  // namespace raykeep::sbom
