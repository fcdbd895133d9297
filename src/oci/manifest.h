// Manifests and indexes of images (OCI image-spec v1.1, and Docker's schema 2, which differs in its
// media types alone), read from bytes that stay as they are: a digest is that of the bytes, so
// nothing here writes a manifest again.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "oci/digest.h"

namespace raykeep::oci {

/// "linux/amd64", "linux/arm64/v8".
struct Platform {
  std::string os = {};
  std::string architecture = {};
  std::string variant = {};  // may be empty

  static Result<Platform> parse(std::string_view text);
  std::string text() const;
  bool operator==(const Platform&) const = default;
};

/// What a manifest or an index says of another blob.
struct Descriptor {
  std::string media_type = {};
  Digest digest = Digest::of({});
  std::uint64_t size = 0;                 // bytes
  std::optional<Platform> platform = {};  // of an index's members only
  bool foreign = false;                   // has urls: a layer that its owner hands out himself
  bool operator==(const Descriptor&) const = default;
};

/// One image of one platform, or anything else that registries keep (an artifact).
struct Manifest {
  Descriptor config = {};
  std::vector<Descriptor> layers = {};  // lowest first
  std::optional<Descriptor> subject = {};
};

/// Several manifests under one digest.
struct Index {
  std::vector<Descriptor> manifests = {};
  std::optional<Descriptor> subject = {};
};

/// The most bytes that a manifest or an index may have. The distribution-spec asks for at least
/// 4 MiB.
inline constexpr std::size_t most_manifest_bytes = 8u << 20;

/// OCI's own media types, for what is written here.
inline constexpr std::string_view index_type = "application/vnd.oci.image.index.v1+json";
inline constexpr std::string_view manifest_type = "application/vnd.oci.image.manifest.v1+json";
inline constexpr std::string_view config_type = "application/vnd.oci.image.config.v1+json";
inline constexpr std::string_view layer_type = "application/vnd.oci.image.layer.v1.tar";

/// How deep indexes may lie in each other: who packs them and who reads them must agree.
inline constexpr int deepest_index = 3;

bool is_index(std::string_view media_type);
bool is_manifest(std::string_view media_type);

/// For the header Accept: both forms of both.
inline constexpr std::string_view manifest_media_types =
    "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, "
    "application/vnd.docker.distribution.manifest.list.v2+json, "
    "application/vnd.docker.distribution.manifest.v2+json";

/// `media_type` is what the bytes were given as (Content-Type, or a descriptor's); where the bytes
/// name one themselves, it must be the same. Docker's schema 1 is refused by its name.
Result<Manifest> parse_manifest(std::string_view bytes, std::string_view media_type);
Result<Index> parse_index(std::string_view bytes, std::string_view media_type);

}  // namespace raykeep::oci
