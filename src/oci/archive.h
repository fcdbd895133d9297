// Images in a file: what `skopeo copy` (oci-archive:, docker-archive:), `docker save`, `podman
// save` and `ctr images export` write. The file stays as it is: it is indexed once, and blobs are
// read from where they stand.
//
// Two layouts. An OCI layout (docker save since 25) has blobs by their digests. The older one has
// layers unpacked and no manifest at all: a manifest is made here, and the image's digest is then
// not the one that its registry knows. A note says so.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "base/error.h"
#include "oci/digest.h"
#include "oci/manifest.h"
#include "oci/tar_index.h"

namespace raykeep::oci {

struct ArchivedImage {
  /// As the archive has it: "docker.io/library/redis:7", "redis:7", a tag alone, or empty.
  std::string reference = {};
  Descriptor root = {};  // of a manifest or an index
  std::vector<std::string> notes = {};
};

class Archive {
 public:
  /// Reads headers, the index and what is needed to know the images. What is not an image's
  /// archive, or is one packed with gzip, is refused with what to do.
  static Result<Archive> open(ReadAt read, std::uint64_t size);

  /// In the archive's order; one with several names stands there several times.
  const std::vector<ArchivedImage>& images() const { return images_; }

  /// Bytes of the blob; nothing where the archive does not have it. Other platforms' often are not.
  std::optional<std::uint64_t> size_of(const Digest& digest) const;

  /// As ReadAt, of a blob. Requires: it is here. The bytes are those that stand under this digest's
  /// name: whoever copies them must hash them.
  std::size_t read(const Digest& digest, std::uint64_t offset, std::span<char> into) const;

  /// A manifest, an index or a config, hashed. An error where it is absent, too large or another.
  Result<std::string> small(const Digest& digest) const;

 private:
  struct Part {  // of the file
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
    bool operator==(const Part&) const = default;
  };
  using Blob = std::variant<Part, std::string>;
  using Files = std::map<std::string, TarEntry, std::less<>>;

  Result<void> take_layout(const Files& files);
  Result<void> take_saved(const Files& files);
  Result<Descriptor> take_config(const Files& files, std::string_view path);
  Result<Descriptor> take_layer(const Files& files, std::string_view path, const Digest& unpacked);
  Result<void> add(const Digest& digest, Blob blob);
  Result<std::string> text(const Files& files, std::string_view path) const;

  ReadAt read_ = {};
  std::map<Digest, Blob> blobs_ = {};
  std::vector<ArchivedImage> images_ = {};
};

}  // namespace raykeep::oci
