// A layer of an image, read as a stream of entries: nothing is written to a disk, nothing is held
// but a window of the stream. Tar by libarchive, of which tar, gzip and zstd alone are linked.
//
// A layer is what a stranger packed. It is read as far as it stays within limits and is what its
// media type says; a path that leaves the image is refused.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace raykeep::oci {

/// Gives the next bytes of a blob, as many as it likes; none: the end. They stay good until the
/// next call. What it throws comes out of whoever reads.
using Pull = std::function<std::string_view()>;

struct LayerLimits {
  std::uint64_t entries = 4'000'000;
  std::uint64_t unpacked = std::uint64_t{256} << 30;  // bytes of the tar
  std::size_t path = 4096;                            // bytes of a path, or of a link's target
};

struct LayerEntry {
  enum class Type { file, directory, symlink, hard_link, other };
  Type type = Type::other;
  std::string path = {};    // "usr/bin/env": no "/" at its ends, no "." and no ".."; never empty
  std::string target = {};  // of a hard link: a path like `path`; of a symlink: as it was written
  std::uint64_t size = 0;   // of a file
  unsigned mode = 0;        // permissions
};

/// `path` as LayerEntry has it: empty for the image's root. Throws Failure::invalid where it has a
/// "..", which no one who packs an image needs.
std::string layer_path(std::string_view path);

class LayerReader {
 public:
  /// The media type must be a layer's (OCI's or Docker's), and the bytes compressed as it says:
  /// a runtime that goes by the bytes and a reader that goes by the type would see two images.
  /// Throws Failure::invalid, as does all that follows, where the layer is not what it should be.
  LayerReader(Pull pull, std::string_view media_type, LayerLimits limits = {});
  ~LayerReader();
  LayerReader(LayerReader&&) noexcept;
  LayerReader& operator=(LayerReader&&) noexcept;

  /// The next entry, good until the next call; nullptr at the end. Then all bytes of the blob have
  /// been pulled, also those behind the tar's end, so that a Pull which hashes has seen them all.
  const LayerEntry* next();

  /// The next piece of the entry's content, good until the next call; empty at its end.
  std::string_view content();

 private:
  class Stream;
  std::unique_ptr<Stream> stream_;
};

}  // namespace raykeep::oci
