// The name of an image, by distribution's reference grammar (github.com/distribution/reference).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "oci/digest.h"

namespace raykeep::oci {

struct Reference {
  std::string host = {};        // "docker.io", "registry.bank.example:5000"
  std::string repository = {};  // "library/redis"
  std::string tag = {};         // may be empty where there is a digest
  std::optional<Digest> digest = {};

  /// Completes short names as every runtime does: docker.io, library/ and the tag latest.
  static Result<Reference> parse(std::string_view text);

  /// In full: "docker.io/library/redis:7.2@sha256:...".
  std::string text() const;
  /// What a registry is asked for: the digest, or else the tag.
  std::string wanted() const { return digest ? digest->text() : tag; }
  bool operator==(const Reference&) const = default;
};

/// Whether a repository's name is one that the distribution-spec allows: lower case, digits, and
/// single separators between them.
bool is_repository(std::string_view name);

}  // namespace raykeep::oci
