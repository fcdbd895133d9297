#include "bundle/open.h"

#include <gtest/gtest.h>

#include <random>

#include "bundle/testing.h"
#include "bundle/verify.h"

namespace raykeep::bundle {
namespace {

using testing::Example;
using testing::Folder;

class OpenBundle : public ::testing::Test {
 protected:
  /// Why the file is refused, by opening it or by looking at all of it; empty: it is taken.
  std::string refusal(const std::string& path) const {
    try {
      const Bundle bundle(path, &public_key);
      const std::vector<Damage> damage = verify(bundle, {.threads = 2});
      return damage.empty() ? "" : damage[0].entry + ": " + damage[0].what;
    } catch (const Failure& failure) {
      EXPECT_NE(failure.kind(), Failure::Kind::bug);
      return failure.what();
    }
  }
  std::string refusal_of(const std::string& bytes) const {
    return refusal(folder.file("b", bytes));
  }

  const Folder folder;
  const PrivateKey key = PrivateKey::generate();
  const PublicKey public_key = key.public_key();
  const std::string whole = testing::written(testing::example(), &key);
};

TEST_F(OpenBundle, OneThatIsWholeIsTaken) {
  const std::string path = folder.file("b", whole);
  EXPECT_EQ(refusal(path), "");
  const Bundle bundle(path, &public_key);
  EXPECT_TRUE(bundle.is_signed());
  const std::vector<ImagePart> parts = parts_of(bundle, bundle.contents().images[0]);
  ASSERT_EQ(parts.size(), 4u);
  EXPECT_TRUE(parts.back().is_manifest);
  EXPECT_EQ(bundle.read_blob(bundle.contents().files[0].digest, 100), "kind: Site\n");
}

TEST_F(OpenBundle, EveryByteCounts) {
  // Each fifth, each bit of a byte in its turn.
  for (std::size_t at = 0; at < whole.size(); at += 5) {
    std::string bad = whole;
    bad[at] = static_cast<char>(bad[at] ^ (1 << (at % 8)));
    ASSERT_NE(refusal_of(bad), "") << "byte " << at;
  }
}

TEST_F(OpenBundle, NeitherShorterNorLonger) {
  for (std::size_t size = 0; size < whole.size(); size += 257)
    ASSERT_NE(refusal_of(whole.substr(0, size)), "") << size;
  for (const std::string& more : {std::string(1, '\0'), std::string(512, '\0'),
                                  std::string(10240, '\0'), whole.substr(whole.size() - 2048)})
    ASSERT_NE(refusal_of(whole + more), "");
  ASSERT_NE(refusal_of(whole.substr(512)), "");
  ASSERT_NE(refusal_of(whole.substr(0, 1024) + whole.substr(1536)), "");
}

TEST_F(OpenBundle, OnlyWithTheRightSignature) {
  const std::string path = folder.file("b", whole);
  const PublicKey other = PrivateKey::generate().public_key();
  EXPECT_THROW(Bundle(path, &other), Failure);
  EXPECT_THROW(Bundle(path, nullptr), Failure);
  const std::string bare = folder.file("bare", testing::written(testing::example(), nullptr));
  EXPECT_THROW(Bundle(bare, &public_key), Failure);
  EXPECT_FALSE(Bundle(bare, nullptr).is_signed());
}

TEST_F(OpenBundle, SignedNonsenseIsNonsense) {
  auto said = [&](auto change) {
    Example example = testing::example();
    change(example);
    normalise(example.contents);
    return refusal_of(testing::written(example, &key));
  };
  EXPECT_EQ(said([](Example&) {}), "");
  // A manifest that names a layer which is not listed.
  EXPECT_TRUE(said([](Example& e) {
                std::erase_if(e.contents.blobs, [](const Blob& b) { return b.size == 3000; });
              }).contains("does not have it"));
  // Two blobs that stand in each other's place.
  EXPECT_TRUE(said([](Example& e) {
                for (auto& [digest, bytes] : e.bytes)
                  if (bytes.size() == 3000) bytes = std::string(3000, 'b');
              }).contains("not what the contents list says"));
  // An image whose manifest is something else.
  EXPECT_TRUE(said([](Example& e) {
                const Blob site = {e.contents.files[0].digest, e.contents.files[0].size};
                e.contents.images[0].digest = site.digest;
                e.contents.images[0].size = site.size;
              }).contains("JSON"));
  // An index that contains an index that contains ...
  EXPECT_TRUE(said([](Example& e) {
                std::string inner = "{}", type = "application/vnd.oci.image.index.v1+json";
                for (int i = 0; i < 9; ++i) {
                  e.add(inner);
                  inner = R"({"schemaVersion":2,"manifests":[)" + testing::described(type, inner) +
                          "]}";
                }
                const Blob root = e.add(inner);
                e.contents.images[0].digest = root.digest;
                e.contents.images[0].size = root.size;
                e.contents.images[0].media_type = type;
              }).contains("too deep"));
}

TEST_F(OpenBundle, InPartsAsOnOneDisk) {
  for (std::size_t at = 0, number = 1; at < whole.size(); at += 5000, ++number)
    folder.file("p." + fmt::format("{:03}", number), whole.substr(at, 5000));
  EXPECT_EQ(refusal(folder.path() / "p"), "");
  EXPECT_EQ(refusal(folder.path() / "p.001"), "");
  std::string bad = whole.substr(5000, 5000);
  bad[4000] ^= 1;
  folder.file("p.002", bad);
  const Bundle bundle(folder.path() / "p", &public_key);
  const std::vector<Damage> damage = verify(bundle);
  ASSERT_EQ(damage.size(), 1u);
  EXPECT_TRUE(damage[0].place.starts_with("p.00")) << damage[0].place;
  std::filesystem::remove(folder.path() / "p.002");
  EXPECT_NE(refusal(folder.path() / "p"), "");
}

TEST_F(OpenBundle, WhatIsNoFileIsSaid) {
  EXPECT_TRUE(refusal("/nowhere").contains("No such file"));
  EXPECT_TRUE(refusal(folder.path()).contains("no plain file"));
  EXPECT_TRUE(refusal(folder.file("e", "")).contains("too short"));
  EXPECT_TRUE(refusal(folder.file("z", std::string(100'000, 'z'))).contains("something else"));
}

TEST_F(OpenBundle, RandomDamageIsFound) {
  std::mt19937 random(8);
  for (int i = 0; i < 200; ++i) {
    std::string bad = whole;
    const std::size_t from = random() % bad.size(), to = random() % bad.size();
    const std::size_t count = 1 + random() % 600;
    switch (i % 4) {
      case 0:  // bytes of somewhere else
        bad.replace(from, std::min(count, bad.size() - from), whole.substr(to, count));
        break;
      case 1:  // something taken out
        bad.erase(from, count);
        break;
      case 2:  // something put in
        bad.insert(from, whole.substr(to, count));
        break;
      default:  // noise
        for (std::size_t k = from; k < std::min(bad.size(), from + count); ++k)
          bad[k] = static_cast<char>(random());
    }
    if (bad == whole) continue;
    ASSERT_NE(refusal_of(bad), "") << i;
  }
}

}  // namespace
}  // namespace raykeep::bundle
