#include "bundle/contents.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "bundle/layout.h"
#include "bundle/testing.h"

namespace raykeep::bundle {
namespace {

TEST(Contents, AreReadAsTheyWereWritten) {
  const Contents contents = testing::example().contents;
  const std::string text = write_contents(contents);
  Result<Contents> read = parse_contents(text);
  ASSERT_TRUE(read) << read.error().text;
  EXPECT_EQ(*read, contents);
  EXPECT_EQ(write_contents(*read), text);
}

std::string replaced(std::string text, const std::string& what, const std::string& with) {
  const std::size_t at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return text.replace(at, what.size(), with);
}

TEST(Contents, AreWrittenInOneWayOnly) {
  const testing::Example example = testing::example();
  const std::string text = write_contents(example.contents);
  const std::string root = example.contents.images[0].digest.text();
  for (const auto& [bad, said] : std::vector<std::pair<std::string, std::string>>{
           {"", "JSON"},
           {"[]", "version 1"},
           {replaced(text, R"("version":1)", R"("version":2)"), "newer"},
           {replaced(text, R"("version":1)", R"("version": 1)"), "as raykeep writes"},
           {text + ' ', "as raykeep writes"},
           {replaced(text, R"("madeBy":)", R"("more":1,"madeBy":)"), "as raykeep writes"},
           {replaced(text, "site.yaml", "../site.yaml"), "no file's name"},
           {replaced(text, "site.yaml", ".."), "no file's name"},
           {replaced(text, "site.yaml", "a\\\\b"), "no file's name"},
           {replaced(text, "site.yaml", "a\\u0000b"), "control"},
           {replaced(text, "site.yaml", std::string(600, 'a')), "too long"},
           {replaced(text, R"("kind":"site")", R"("kind":"link")"), "no kind"},
           {replaced(text, "sha256:", "sha512:"), "sha512"},
           {replaced(text, R"("size":3000)", R"("size":-1)"), "size"},
           {replaced(text, R"("size":3000)", R"("size":9223372036854775807)"), "size"},
           {replaced(text, R"("size":3000)", R"("size":3e3)"), "no size"},
           {replaced(text, R"("files":[)", R"("files":[7,)"), "no object"},
           {replaced(text, R"("blobs":[)", R"("blobs":{"a":[)"), "JSON"},
           {replaced(text, R"("platforms":["linux/amd64"])", R"("platforms":[7])"),
            "as raykeep"}}) {
    Result<Contents> read = parse_contents(bad);
    ASSERT_FALSE(read) << bad;
    EXPECT_TRUE(read.error().text.contains(said)) << read.error().text << "\n" << bad;
  }
}

TEST(Contents, DoNotContradictThemselves) {
  auto said = [](auto change) {
    Contents contents = testing::example().contents;
    change(contents);
    normalise(contents);
    Result<Contents> read = parse_contents(write_contents(contents));
    return read ? std::string() : read.error().text;
  };
  EXPECT_EQ(said([](Contents&) {}), "");
  EXPECT_TRUE(said([](Contents& c) { c.blobs.clear(); }).contains("not listed"));
  EXPECT_TRUE(said([](Contents& c) { c.images[0].size += 1; }).contains("two sizes"));
  EXPECT_TRUE(said([](Contents& c) { c.absent.push_back(c.blobs[0]); }).contains("listed twice"));
  EXPECT_TRUE(said([](Contents& c) { c.made.push_back(c.blobs[0]); }).contains("listed twice"));
  EXPECT_TRUE(said([](Contents& c) {
                c.absent.push_back({oci::Digest::of("far away"), 1});
              }).contains("no base"));
  EXPECT_TRUE(said([](Contents& c) {
                c.images[0].bills = {
                    {"linux/amd64", oci::Digest::of("none"), oci::Digest::of("none")}};
              }).contains("not listed"));
  EXPECT_TRUE(said([](Contents& c) {
                for (char i = 0; i < 2; ++i)
                  c.blobs.push_back({oci::Digest::of(std::string(1, i)), std::uint64_t{1} << 42});
              }).contains("4 TiB"));
}

TEST(Layout, HasNoGapsAndWholeBlocks) {
  const Contents contents = testing::example().contents;
  const Layout layout = layout_of(contents, write_contents(contents), "c2ln");
  std::uint64_t at = 0;
  for (const Piece& piece : layout.pieces) {
    EXPECT_EQ(piece.offset, at);
    at += piece.size;
    if (const std::string* text = std::get_if<std::string>(&piece.what))
      EXPECT_EQ(text->size(), piece.size);
  }
  EXPECT_EQ(at, layout.size);
  EXPECT_EQ(layout.size % 512, 0u);
  // The blobs stand where they will stand once the rest is known.
  const Layout early = layout_of_blobs(contents);
  for (const Blob& each : contents.blobs)
    EXPECT_EQ(piece_of(early, each.digest).offset, piece_of(layout, each.digest).offset);
}

TEST(Layout, ATrailerIsReadAsItWasWritten) {
  const testing::Example example = testing::example();
  const std::string file = testing::written(example, nullptr);
  const std::string tail = file.substr(file.size() - tail_size);
  Result<Trailer> read = parse_trailer(tail, file.size());
  ASSERT_TRUE(read) << read.error().text;
  EXPECT_EQ(file.substr(read->contents_offset, read->contents_size),
            write_contents(example.contents));
  for (std::size_t i = 512; i < 640; ++i) {
    std::string bad = tail;
    bad[i] ^= 1;
    // A number that is another one may be read; what is there is compared afterwards.
    Result<Trailer> other = parse_trailer(bad, file.size());
    if (other) {
      EXPECT_LE(other->contents_offset + other->contents_size, file.size());
      EXPECT_LE(other->signature_offset + other->signature_size, file.size());
    }
  }
  EXPECT_FALSE(parse_trailer(tail.substr(1), file.size()));
  EXPECT_FALSE(parse_trailer(std::string(2048, '\0'), 2048));
}

}  // namespace
}  // namespace raykeep::bundle
