// What a bundle holds: the list that is signed. Everything in a bundle is a blob, found by its
// digest; the list says which images and files they make up, and, with the layout (layout.h), every
// byte of the file. So a reader believes one signature and then compares.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "oci/digest.h"

namespace raykeep::bundle {

struct Blob {
  oci::Digest digest = oci::Digest::of({});
  std::uint64_t size = 0;  // bytes
  auto operator<=>(const Blob&) const = default;
};

/// The bill of materials of one platform of an image, in two languages.
struct Bill {
  std::string platform = {};
  oci::Digest spdx = oci::Digest::of({});
  oci::Digest cyclonedx = oci::Digest::of({});
  bool operator==(const Bill&) const = default;
};

struct Image {
  std::string reference = {};  // as documents name it: "rayproject/ray:2.60.0"
  std::string source = {};     // where it came from, in full: "docker.io/rayproject/ray:2.60.0"
  oci::Digest digest = oci::Digest::of({});  // of its manifest or index
  std::string media_type = {};
  std::uint64_t size = 0;                   // of that manifest or index, bytes
  std::vector<std::string> platforms = {};  // sorted: "linux/amd64"
  std::vector<Bill> bills = {};             // sorted by platform; none where layers are absent
  bool operator==(const Image&) const = default;
};

struct File {
  enum class Kind { document, site, program, file } kind = Kind::file;
  std::string name = {};  // one step of a path: "site.yaml"
  oci::Digest digest = oci::Digest::of({});
  std::uint64_t size = 0;
  bool operator==(const File&) const = default;
};

struct Contents {
  std::string made_by = {};  // "raykeep 0.1.0"
  std::string created = {};  // RFC 3339, of what is in it; never a clock's
  /// Of the contents list of the bundle that this one adds to; where a registry was asked, of the
  /// text of what is absent.
  std::optional<oci::Digest> base = {};
  std::vector<Image> images = {};  // sorted by reference, each once
  std::vector<File> files = {};    // sorted by kind and name
  std::vector<Blob> blobs = {};    // of the images and files; sorted, each once
  std::vector<Blob> made = {};     // made from those: bills of materials; likewise
  std::vector<Blob> absent = {};   // of images, in the base's registry already; likewise
  bool operator==(const Contents&) const = default;
};

/// The most bytes of a written list.
inline constexpr std::size_t most_contents_bytes = 16u << 20;

std::string_view to_string(File::Kind kind);

/// The only way to write it: the same contents give the same bytes. Requires: sorted lists.
std::string write_contents(const Contents& contents);

/// Takes what write_contents() writes, to the byte, and nothing else.
Result<Contents> parse_contents(std::string_view text);

/// Sorts the lists and drops what is there twice.
void normalise(Contents& contents);

/// The Blob of that digest among sorted ones, or nullptr.
const Blob* find_blob(const std::vector<Blob>& blobs, const oci::Digest& digest);

}  // namespace raykeep::bundle
