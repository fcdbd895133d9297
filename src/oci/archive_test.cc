#include "oci/archive.h"

#include <algorithm>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "oci/testing_tar.h"

namespace raykeep::oci {
namespace {

using testing::tar_entry;
using testing::tar_of;

ReadAt reader(std::string bytes) {
  return [bytes = std::move(bytes)](std::uint64_t offset, std::span<char> into) {
    std::string_view from =
        std::string_view(bytes).substr(std::min<std::size_t>(offset, bytes.size()));
    from = from.substr(0, into.size());
    std::ranges::copy(from, into.begin());
    return from.size();
  };
}

Result<Archive> open(const std::string& bytes) {
  return Archive::open(reader(bytes), bytes.size());
}

std::string blob(std::string_view content) {
  return tar_entry(
      {.path = fmt::format("blobs/sha256/{}", Digest::of(content).hex()), .content = content});
}

std::string described(std::string_view type, std::string_view content, std::string_view more = "") {
  return fmt::format(R"({{"mediaType":"{}","digest":"{}","size":{}{}}})", type,
                     Digest::of(content).text(), content.size(), more);
}

constexpr char manifest_type[] = "application/vnd.oci.image.manifest.v1+json";

/// An OCI layout of one image with one layer of this type.
std::string layout(std::string_view layer_type, std::string_view annotations) {
  const std::string manifest = fmt::format(R"({{"schemaVersion":2,"config":{},"layers":[{}]}})",
                                           described("c", "{}"), described(layer_type, "layer"));
  const std::string index =
      fmt::format(R"({{"schemaVersion":2,"manifests":[{},{}]}})",
                  described(manifest_type, manifest, annotations), described("unknown", "?"));
  return blob("layer") + tar_entry({.path = "index.json", .content = index}) + blob(manifest) +
         tar_entry({.path = "blobs/md5/x"}) + blob("{}") + std::string(1024, '\0');
}

std::string read(const Archive& archive, const Digest& digest, std::uint64_t offset = 0) {
  std::string bytes(100, '\0');
  bytes.resize(archive.read(digest, offset, bytes));
  return bytes;
}

TEST(Archive, OfALayoutHasItsImagesAndBlobs) {
  auto archive =
      open(layout("application/vnd.oci.image.layer.v1.tar+gzip",
                  R"(,"annotations":{"io.containerd.image.name":"docker.io/library/a:1",)"
                  R"("org.opencontainers.image.ref.name":"1"})"));
  ASSERT_TRUE(archive) << archive.error().text;
  ASSERT_EQ(archive->images().size(), 1u);
  const ArchivedImage& image = archive->images()[0];
  EXPECT_EQ(image.reference, "docker.io/library/a:1");
  EXPECT_TRUE(image.notes.empty());
  EXPECT_TRUE(archive->small(image.root.digest));
  EXPECT_EQ(archive->size_of(Digest::of("layer")), 5u);
  EXPECT_EQ(read(*archive, Digest::of("layer")), "layer");
  EXPECT_EQ(read(*archive, Digest::of("layer"), 3), "er");
  EXPECT_EQ(read(*archive, Digest::of("layer"), 5), "");
  EXPECT_FALSE(archive->size_of(Digest::of("other")));
}

TEST(Archive, SaysThatUnpackedLayersMakeAnotherDigest) {
  auto archive = open(layout("application/vnd.oci.image.layer.v1.tar",
                             R"(,"annotations":{"org.opencontainers.image.ref.name":"1.2"})"));
  ASSERT_TRUE(archive) << archive.error().text;
  EXPECT_EQ(archive->images()[0].reference, "1.2");
  ASSERT_EQ(archive->images()[0].notes.size(), 1u);
}

/// What docker save wrote before 25: two images that share a layer, one by a link.
std::string saved(std::string_view second_layer_target = "../one/layer.tar",
                  std::string_view diff_id_of = "layer") {
  const std::string config =
      fmt::format(R"({{"os":"linux","architecture":"amd64","rootfs":{{"diff_ids":["{}"]}}}})",
                  Digest::of(diff_id_of).text());
  const std::string list =
      R"([{"Config":"c.json","RepoTags":["a:1","a:2"],"Layers":["one/layer.tar"]},)"
      R"({"Config":"c.json","RepoTags":null,"Layers":["two/layer.tar"]}])";
  return tar_of({{.path = "two/layer.tar", .type = '2', .target = second_layer_target},
                 {.path = "manifest.json", .content = list},
                 {.path = "c.json", .content = config},
                 {.path = "one/", .type = '5'},
                 {.path = "one/layer.tar", .content = "layer"}});
}

TEST(Archive, OfAnOlderDockerGetsAManifest) {
  auto archive = open(saved());
  ASSERT_TRUE(archive) << archive.error().text;
  ASSERT_EQ(archive->images().size(), 3u);
  EXPECT_EQ(archive->images()[1].reference, "a:2");
  EXPECT_EQ(archive->images()[2].reference, "");
  EXPECT_EQ(archive->images()[0].root, archive->images()[2].root);
  EXPECT_EQ(archive->images()[0].notes.size(), 1u);
  auto bytes = archive->small(archive->images()[0].root.digest);
  ASSERT_TRUE(bytes) << bytes.error().text;
  auto manifest = parse_manifest(*bytes, archive->images()[0].root.media_type);
  ASSERT_TRUE(manifest) << manifest.error().text;
  EXPECT_EQ(manifest->layers[0].digest, Digest::of("layer"));
  EXPECT_EQ(manifest->layers[0].media_type, "application/vnd.oci.image.layer.v1.tar");
  EXPECT_EQ(read(*archive, manifest->layers[0].digest), "layer");
  EXPECT_TRUE(archive->small(manifest->config.digest));
}

TEST(Archive, WhatIsWrongIsSaid) {
  struct Case {
    std::string bytes, said;
  };
  const std::string index =
      R"({"schemaVersion":2,"manifests":[)" + described(manifest_type, "absent") + "]}";
  for (const Case& each : std::vector<Case>{
           {"\x1f\x8b rest", "run gunzip"},
           {tar_of({{.path = "x"}}), "no archive of images"},
           {tar_of({{.path = "index.json", .content = "{}"}}), "no manifests"},
           {tar_of({{.path = "index.json", .content = index}}), "not in the archive"},
           {tar_of({{.path = "index.json"}, {.path = "index.json"}}), "two entries"},
           {tar_of({{.path = "manifest.json", .content = "{}"}}), "no list"},
           {tar_of({{.path = "manifest.json", .content = "[]"}}), "no image"},
           {tar_of({{.path = "manifest.json", .content = R"([{"Config":"x"}])"}}), "has no \"x\""},
           {saved("../../layer.tar"), "leaves it"},
           {saved("/one/layer.tar"), "leaves it"},
           {saved("../nowhere"), "has no \"nowhere\""},
           {saved("layer.tar"), "lead nowhere"}}) {
    auto archive = open(each.bytes);
    ASSERT_FALSE(archive) << each.said;
    EXPECT_TRUE(archive.error().text.contains(each.said)) << archive.error().text;
  }
}

TEST(Archive, ABlobThatIsNotItsDigestIsNoManifest) {
  std::string bytes = layout("t", "");
  std::size_t at = bytes.find("\"config\"");
  bytes[at + 1] = 'C';
  auto archive = open(bytes);
  ASSERT_FALSE(archive);
  EXPECT_TRUE(archive.error().text.contains("not what its name says")) << archive.error().text;
}

}  // namespace
}  // namespace raykeep::oci
