#include "oci/layer.h"

#include <functional>
#include <stdexcept>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <zlib.h>
#include <zstd.h>

#include "base/error.h"
#include "oci/testing_tar.h"

namespace raykeep::oci {
namespace {

using testing::Entry;
using testing::tar_entry;
using testing::tar_of;

constexpr char plain[] = "application/vnd.oci.image.layer.v1.tar";
constexpr char gzipped[] = "application/vnd.docker.image.rootfs.diff.tar.gzip";
constexpr char zstded[] = "application/vnd.oci.image.layer.v1.tar+zstd";

Pull pull_of(std::string bytes, std::size_t at_once = 1 << 20) {
  return [bytes = std::move(bytes), at_once, at = std::size_t{0}]() mutable {
    std::string_view piece = std::string_view(bytes).substr(at, at_once);
    at += piece.size();
    return piece;
  };
}

std::string gzip(std::string_view bytes) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string made(deflateBound(&stream, bytes.size()), '\0');
  stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(made.data());
  stream.avail_out = static_cast<uInt>(made.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  made.resize(stream.total_out);
  deflateEnd(&stream);
  return made;
}

std::string zstd(std::string_view bytes) {
  std::string made(ZSTD_compressBound(bytes.size()), '\0');
  made.resize(ZSTD_compress(made.data(), made.size(), bytes.data(), bytes.size(), 3));
  return made;
}

/// What a layer has, as text; or why it is refused.
std::string read_all(Pull pull, std::string_view media_type, LayerLimits limits = {}) {
  std::string made;
  try {
    LayerReader reader(std::move(pull), media_type, limits);
    while (const LayerEntry* entry = reader.next()) {
      made += fmt::format("{}:{}", static_cast<int>(entry->type), entry->path);
      if (!entry->target.empty()) made += "->" + entry->target;
      std::string content;
      for (std::string_view piece; !(piece = reader.content()).empty();) content += piece;
      if (!content.empty()) made += "=" + content;
      made += ' ';
    }
  } catch (const Failure& failure) {
    return failure.what();
  }
  return made;
}

const std::string& some_tar() {
  static const std::string made =
      tar_of({{.path = "./", .type = '5'},
              {.path = "./etc/", .type = '5'},
              {.path = "/etc//passwd", .content = "root"},
              {.path = "sh", .type = '2', .target = "../bin/dash"},
              {.path = "etc/copy", .type = '1', .target = "./etc/passwd"},
              {.path = "dev/null", .type = '3'}});
  return made;
}
constexpr char some_entries[] =
    "1:etc 0:etc/passwd=root 2:sh->../bin/dash 3:etc/copy->etc/passwd 4:dev/null ";

TEST(Layer, IsReadHoweverItIsPackedAndComes) {
  for (std::size_t at_once : {std::size_t{1}, std::size_t{700}, std::size_t{1} << 20}) {
    EXPECT_EQ(read_all(pull_of(some_tar(), at_once), plain), some_entries);
    EXPECT_EQ(read_all(pull_of(gzip(some_tar()), at_once), gzipped), some_entries);
    EXPECT_EQ(read_all(pull_of(zstd(some_tar()), at_once), zstded), some_entries);
  }
}

TEST(Layer, OfSeveralMembersOrFramesIsOne) {
  // As eStargz and zstd:chunked are written.
  const std::string &tar = some_tar(), head = tar.substr(0, 700), tail = tar.substr(700);
  const std::string skipped("\x50\x2a\x4d\x18\x03\0\0\0abc", 11);
  EXPECT_EQ(read_all(pull_of(gzip(head) + gzip(tail)), gzipped), some_entries);
  EXPECT_EQ(read_all(pull_of(zstd(head) + zstd(tail) + skipped), zstded), some_entries);
}

TEST(Layer, AnEmptyOneHasNoEntries) {
  EXPECT_EQ(read_all(pull_of(gzip(std::string(1024, '\0'))), gzipped), "");
}

TEST(Layer, HasNamesThatAreNoUtf8) {
  EXPECT_EQ(read_all(pull_of(tar_of({{.path = "na\xc3\xafve\xff"}})), plain),
            "0:na\xc3\xafve\xff ");
  const std::string header = testing::pax("path", "na\xc3\xafve");
  EXPECT_EQ(
      read_all(pull_of(tar_of({{.path = "x", .content = header, .type = 'x'}, {.path = "y"}})),
               plain),
      "0:na\xc3\xafve ");
}

TEST(Layer, ThatIsNotWhatItSaysIsRefused) {
  struct Case {
    std::string bytes;
    const char* media_type;
    std::string said;
  };
  const std::string& tar = some_tar();
  for (const Case& each : std::vector<Case>{
           {tar, gzipped, "packed with gzip, by its bytes with nothing"},
           {gzip(tar), plain, "packed with nothing, by its bytes with gzip"},
           {gzip(tar), zstded, "packed with zstd"},
           {gzip(gzip(tar)), gzipped, "packed twice"},
           {tar, "application/vnd.in-toto+json", "is no layer's"},
           {"", plain, "read the layer"},
           {"not a tar", plain, "read the layer"},
           {gzip(tar).substr(0, 60), gzipped, "read the layer"},
           {tar.substr(0, 700), plain, "read the layer"},
           {tar_of({{.path = "a/../../etc/passwd"}}), plain, "leaves the folder"},
           {tar_of({{.path = "a", .type = '1', .target = "../shadow"}}), plain, "leaves"}}) {
    std::string read = read_all(pull_of(each.bytes), each.media_type);
    EXPECT_TRUE(read.contains(each.said)) << read << " in place of: " << each.said;
  }
}

TEST(Layer, StaysWithinItsLimits) {
  const std::string packed = gzip(some_tar());
  EXPECT_TRUE(read_all(pull_of(packed), gzipped, {.entries = 5}).contains("more than 5 entries"));
  EXPECT_TRUE(read_all(pull_of(packed), gzipped, {.path = 8}).contains("more than 8 bytes"));
  EXPECT_TRUE(
      read_all(pull_of(packed), gzipped, {.unpacked = 1000}).contains("more than 1000 bytes"));
}

TEST(Layer, OfZeroesWithoutEndIsRefusedBeforeItIsUnpacked) {
  // 1 TiB by its header, of which nothing is there: it must not be waited for.
  std::string entry = tar_entry({.path = "zeroes"});
  entry.replace(124, 12, std::string("\x80\0\0\0\0\0\1\0\0\0\0\0", 12));
  entry.replace(148, 8, "        ");
  unsigned sum = 0;
  for (char c : entry) sum += static_cast<unsigned char>(c);
  entry.replace(148, 8, fmt::format("{:06o}", sum) + std::string("\0 ", 2));
  EXPECT_TRUE(read_all(pull_of(entry), plain).contains("unpacks to more than"));
}

TEST(Layer, ThatCannotBePulledSaysWhy) {
  auto broken = [left = 1]() mutable -> std::string_view {
    if (left-- == 0) throw Failure(Failure::Kind::disconnected, "the disk is gone");
    return std::string_view(some_tar()).substr(0, 512);
  };
  EXPECT_EQ(read_all(broken, plain), "the disk is gone");
}

TEST(Layer, IsPulledToItsEnd) {
  std::size_t pulled = 0;
  const std::string bytes = some_tar() + std::string(100'000, 'x');
  auto counting = [&, pull = pull_of(bytes, 4096)]() mutable {
    std::string_view piece = pull();
    pulled += piece.size();
    return piece;
  };
  EXPECT_EQ(read_all(counting, plain), some_entries);
  EXPECT_EQ(pulled, bytes.size());
}

}  // namespace
}  // namespace raykeep::oci
