#include "bundle/delta.h"

#include <gtest/gtest.h>

#include "bundle/testing.h"

namespace raykeep::bundle {
namespace {

using testing::Example;

/// The example with another top layer, and so another manifest.
Example newer() {
  Example made = testing::example();
  std::erase_if(made.contents.blobs, [](const Blob& each) { return each.size == 16; });
  made.add("the second layer, mended");
  Image& image = made.contents.images[0];
  std::erase_if(made.contents.blobs, [&](const Blob& b) { return b.digest == image.digest; });
  const Blob root = made.add("another manifest");
  image.digest = root.digest;
  image.size = root.size;
  normalise(made.contents);
  return made;
}

TEST(Delta, HasWhatTheOlderLacksAndAllFiles) {
  const Contents older = testing::example().contents, full = newer().contents;
  const oci::Digest base = oci::Digest::of(write_contents(older));
  const Contents made = delta(full, older, base);
  EXPECT_EQ(made.base, base);
  EXPECT_EQ(made.blobs.size(), 3u);   // the layer, the manifest, and the Site's file
  EXPECT_EQ(made.absent.size(), 2u);  // config and first layer
  EXPECT_NE(find_blob(made.blobs, made.files[0].digest), nullptr);
  Result<Contents> read = parse_contents(write_contents(made));
  ASSERT_TRUE(read) << read.error().text;
  EXPECT_EQ(*read, made);
  // What was absent from the older bundle is where that one was pushed, too.
  EXPECT_EQ(delta(full, made, base).absent.size(), 4u);
}

TEST(Delta, OfWhatARegistryHasNamesNoBundle) {
  const Contents full = newer().contents;
  const Contents none = without(full, {});
  EXPECT_EQ(none, full);
  const Contents made = without(full, {full.images[0].digest});
  EXPECT_EQ(made.absent.size(), 1u);
  EXPECT_TRUE(made.base);
  EXPECT_TRUE(parse_contents(write_contents(made)));
}

TEST(Difference, IsToldInNamesAndBytes) {
  Contents older = testing::example().contents, later = newer().contents;
  older.images.push_back(older.images[0]);
  older.images.back().reference = "gone:1";
  later.images.push_back(later.images[0]);
  later.images.back().reference = "new:1";
  later.files[0].name = "place.yaml";
  const Difference found = difference(older, later);
  EXPECT_EQ(found.added, std::vector<std::string>{"new:1"});
  EXPECT_EQ(found.removed, std::vector<std::string>{"gone:1"});
  EXPECT_EQ(found.changed, std::vector<std::string>{"a/b:1"});
  EXPECT_EQ(found.files, (std::vector<std::string>{"site place.yaml", "site site.yaml"}));
  EXPECT_EQ(found.new_bytes, 24u + 16u);
  EXPECT_GT(found.shared_bytes, 3000u);
}

}  // namespace
}  // namespace raykeep::bundle
