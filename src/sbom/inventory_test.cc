#include "sbom/inventory.h"

#include <utility>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "oci/testing_tar.h"

namespace raykeep::sbom {
namespace {

using oci::testing::Entry;
using oci::testing::tar_of;

LayerSource layer_of(std::initializer_list<Entry> entries) {
  return {.media_type = "application/vnd.oci.image.layer.v1.tar",
          .pull = [tar = tar_of(entries), given = false]() mutable {
            return std::exchange(given, true) ? std::string_view() : std::string_view(tar);
          }};
}

std::string program(char filling) {
  std::string made(
      "\x7f"
      "ELF\2\1\1",
      7);
  made.resize(16, '\0');
  return made + std::string("\2\0", 2) + std::string(100, filling);
}

TEST(Inventory, FindsPackagesOfAllDatabasesAndProgramsOfNone) {
  const std::string a = program('a');
  std::vector<LayerSource> layers;
  layers.push_back(
      layer_of({{.path = "bin", .type = '2', .target = "usr/bin"},
                {.path = "usr/lib/os-release", .content = "ID=ubuntu\nVERSION_ID=24.04\n"},
                {.path = "etc/os-release", .type = '2', .target = "../usr/lib/os-release"},
                {.path = "usr/bin/dash", .content = a},
                {.path = "usr/local/bin/haproxy", .content = a},
                {.path = "opt/py/site-packages/ray/raylet", .content = a},
                {.path = "opt/py/site-packages/ray.dist-info/METADATA",
                 .content = "Name: ray\nVersion: 2.40.0\n"},
                {.path = "opt/py/site-packages/ray.dist-info/RECORD", .content = "ray/raylet,,\n"},
                {.path = "opt/py/site-packages/bad.dist-info/METADATA", .content = "nothing"},
                {.path = "var/lib/rpm/rpmdb.sqlite", .content = "x"},
                {.path = "var/lib/dpkg/status", .content = "Package: dash\nVersion: 0.5\n"},
                {.path = "var/lib/dpkg/info/dash.list", .content = "/.\n/bin/dash\n"}}));
  layers.push_back({.media_type = "foreign"});
  layers.push_back(layer_of({{.path = "opt/conda/conda-meta/z.json",
                              .content = R"({"name":"z","version":"1","files":["lib/z.so"]})"},
                             {.path = "opt/conda/lib/z.so", .content = a}}));
  Inventory made = take_inventory(layers);
  std::string purls;
  for (const Package& each : made.packages) purls += each.purl + '\n';
  EXPECT_EQ(purls,
            "pkg:conda/z@1\npkg:deb/ubuntu/dash@0.5?distro=ubuntu-24.04\npkg:pypi/ray@2.40.0\n");
  ASSERT_EQ(made.unknown.size(), 1u);
  EXPECT_EQ(made.unknown[0].path, "usr/local/bin/haproxy");
  EXPECT_EQ(made.unknown[0].digest, oci::Digest::of(a));
  EXPECT_EQ(made.unknown_count, 1u);
  EXPECT_EQ(made.notes, (std::vector<std::string>{
                            "opt/py/site-packages/bad.dist-info/METADATA has no Name and Version",
                            "var/lib/rpm/rpmdb.sqlite is a database of rpm, which is not read",
                            "layer 2 of 3 is not at hand and was not read"}));
}

TEST(Inventory, OfDistrolessHasItsSplitStatus) {
  std::vector<LayerSource> layers;
  layers.push_back(layer_of(
      {{.path = "etc/os-release", .content = "ID=debian\nVERSION_ID=12\n"},
       {.path = "var/lib/dpkg/status.d/base", .content = "Package: base-files\nVersion: 12\n"},
       {.path = "var/lib/dpkg/status.d/base.md5sums", .content = "0123  usr/bin/x\n"},
       {.path = "usr/bin/x", .content = program('x')}}));
  Inventory made = take_inventory(layers);
  ASSERT_EQ(made.packages.size(), 1u);
  EXPECT_EQ(made.packages[0].purl, "pkg:deb/debian/base-files@12?distro=debian-12");
  EXPECT_EQ(made.unknown_count, 0u);
  EXPECT_TRUE(made.notes.empty());
}

}  // namespace
}  // namespace raykeep::sbom
