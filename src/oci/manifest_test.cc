#include "oci/manifest.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace raykeep::oci {
namespace {

constexpr char manifest_type[] = "application/vnd.oci.image.manifest.v1+json";
constexpr char index_type[] = "application/vnd.docker.distribution.manifest.list.v2+json";

std::string described(std::string_view content, std::string_view more = "") {
  return fmt::format(R"({{"mediaType":"t","digest":"{}","size":{}{}}})", Digest::of(content).text(),
                     content.size(), more);
}

TEST(Manifest, NamesItsConfigAndLayers) {
  auto read = parse_manifest(
      fmt::format(R"({{"schemaVersion":2,"config":{},"layers":[{},{}]}})", described("c"),
                  described("one"), described("three", R"(,"urls":["https://a"])")),
      manifest_type);
  ASSERT_TRUE(read) << read.error().text;
  EXPECT_EQ(read->config.digest, Digest::of("c"));
  ASSERT_EQ(read->layers.size(), 2u);
  EXPECT_EQ(read->layers[1].size, 5u);
  EXPECT_FALSE(read->layers[0].foreign);
  EXPECT_TRUE(read->layers[1].foreign);
  EXPECT_FALSE(read->subject);
}

TEST(Manifest, AnIndexNamesPlatforms) {
  auto read = parse_index(
      fmt::format(
          R"({{"schemaVersion":2,"mediaType":"{}","manifests":[{}],"subject":{}}})", index_type,
          described("m", R"(,"platform":{"os":"linux","architecture":"arm64","variant":"v8"})"),
          described("s")),
      index_type);
  ASSERT_TRUE(read) << read.error().text;
  EXPECT_EQ(read->manifests[0].platform->text(), "linux/arm64/v8");
  EXPECT_EQ(read->subject->digest, Digest::of("s"));
}

TEST(Manifest, WhatIsWrongIsSaid) {
  struct Case {
    std::string bytes, said;
  };
  std::string config = described("c");
  for (const Case& each : std::vector<Case>{
           {"", "JSON"},
           {"[]", "object"},
           {R"({"schemaVersion":1})", "schema 1"},
           {R"({"schemaVersion":3})", "schemaVersion"},
           {R"({"schemaVersion":2,"mediaType":"x","config":)" + config + "}", "calls itself x"},
           {R"({"schemaVersion":2})", "no config"},
           {R"({"config":)" + config + R"(,"manifests":[]})", "only an index"},
           {R"({"config":)" + config + R"(,"layers":{}})", "no list"},
           {R"({"config":)" + config + R"(,"layers":[7]})", "layers[0]: is no object"},
           {R"({"config":{"digest":"md5:1","size":1}})", "config: digest"},
           {R"({"config":{"digest":")" + Digest::of("").text() + R"("}})", "no size"},
           {R"({"config":{"digest":")" + Digest::of("").text() + R"(","size":-1}})", "size"},
           {R"({"config":{"digest":")" + Digest::of("").text() + R"(","size":1.5}})", "size"}}) {
    auto read = parse_manifest(each.bytes, manifest_type);
    ASSERT_FALSE(read) << each.bytes;
    EXPECT_TRUE(read.error().text.contains(each.said)) << read.error().text;
  }
  EXPECT_FALSE(parse_index("{}", index_type));
  EXPECT_FALSE(parse_index(R"({"manifests":[],"layers":[]})", index_type));
  EXPECT_TRUE(parse_index(R"({"manifests":[]})", index_type));
}

TEST(Platform, HasTwoPartsOrThree) {
  EXPECT_EQ(Platform::parse("linux/amd64")->text(), "linux/amd64");
  for (const char* text : {"linux", "linux/", "/amd64", "a/b/c/d", ""}) {
    EXPECT_FALSE(Platform::parse(text)) << text;
  }
}

}  // namespace
}  // namespace raykeep::oci
