#include "oci/tar_index.h"

#include <algorithm>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "oci/testing_tar.h"

namespace raykeep::oci {
namespace {

using testing::pax;
using testing::tar_entry;
using testing::tar_of;

/// "path@offset+size ...", or why it is refused.
std::string index(const std::string& tar, const TarLimits& limits = {}) {
  auto read = [&](std::uint64_t offset, std::span<char> into) {
    std::string_view from = std::string_view(tar).substr(std::min<std::size_t>(offset, tar.size()));
    from = from.substr(0, into.size());
    std::ranges::copy(from, into.begin());
    return from.size();
  };
  auto entries = index_tar(read, tar.size(), limits);
  if (!entries) return entries.error().text;
  std::string made;
  for (const TarEntry& each : *entries) {
    made += fmt::format("{}@{}+{}{}{} ", each.path, each.offset, each.size,
                        each.target.empty() ? "" : "->", each.target);
  }
  return made;
}

TEST(TarIndex, SaysWhereContentsStand) {
  EXPECT_EQ(index(tar_of({{.path = "./a/", .type = '5'},
                          {.path = "a/b", .content = "1234567"},
                          {.path = "./c", .content = ""},
                          {.path = "d", .type = '2', .target = "../x"}})),
            "a@512+0 a/b@1024+7 c@2048+0 d@2560+0->../x ");
}

TEST(TarIndex, KnowsLongNamesOfBothKinds) {
  const std::string longer(200, 'n'), pax_header = pax("path", longer) + pax("mtime", "1.5");
  EXPECT_EQ(index(tar_of({{.path = "PaxHeaders/x", .content = pax_header, .type = 'x'},
                          {.path = "short", .content = "c"},
                          {.path = "next"}})),
            longer + "@1536+1 next@2560+0 ");
  EXPECT_EQ(index(tar_of({{.path = "././@LongLink", .content = longer, .type = 'L'},
                          {.path = "short", .content = "c"}})),
            longer + "@1536+1 ");
  EXPECT_EQ(index(tar_of({{.path = "x", .content = pax("size", "3"), .type = 'x'},
                          {.path = "sized", .content = "abc"}})),
            "sized@1536+3 ");
}

TEST(TarIndex, WhatIsWrongIsSaid) {
  struct Case {
    std::string tar, said;
  };
  std::string good = tar_of({{.path = "a", .content = "b"}});
  std::string bad_sum = good;
  bad_sum[0] = 'z';
  std::string big = tar_entry({.path = "a", .content = std::string(2000, 'x')}).substr(0, 1024);
  for (const Case& each : std::vector<Case>{
           {"", "cut off"},
           {std::string(512, 'x'), "no header"},
           {bad_sum, "no header"},
           {good.substr(0, 1024), "cut off"},
           {big, "larger than what is left"},
           {tar_of({{.path = "a/../../b"}}), "leaves it"},
           {tar_of({{.path = "a", .type = '3'}}), "of type"},
           {tar_of({{.path = "a", .type = 'S'}}), "of type"},
           {tar_of({{.path = "a", .content = "x", .type = '2', .target = "b"}}), "with content"},
           {tar_of({{.path = "p", .content = "9 path=x\n1", .type = 'x'}}), "pax header"},
           {tar_of({{.path = "p", .content = "99 path=x\n", .type = 'x'}}), "pax header"},
           {tar_of({{.path = "p", .content = pax("size", "-1"), .type = 'x'}}), "no number"},
           {tar_of({{.path = "p", .content = pax("path", "x"), .type = 'g'}}), "for all"},
           {tar_of({{.path = "p", .content = pax("GNU.sparse.major", "1"), .type = 'x'}}),
            "sparse"},
           {tar_of({{.path = "p", .content = pax("size", "99999"), .type = 'x'}, {.path = "q"}}),
            "larger than"}}) {
    EXPECT_TRUE(index(each.tar).contains(each.said)) << index(each.tar) << " for: " << each.said;
  }
  EXPECT_TRUE(
      index(tar_of({{.path = "a"}, {.path = "b"}}), {.entries = 1}).contains("more than 1"));
}

}  // namespace
}  // namespace raykeep::oci
