// Opening a bundle: the signature first, then the list it signs, then that the file is as long as
// the list says. Until verify() has read it, the bytes themselves are not proven; who reads a blob
// must compare its digest.
#pragma once

#include <optional>
#include <string>

#include "bundle/contents.h"
#include "bundle/key.h"
#include "bundle/layout.h"
#include "bundle/storage.h"
#include "oci/manifest.h"

namespace raykeep::bundle {

class Bundle {
 public:
  /// `key`: whoever must have signed it. Without one the bundle must have no signature. Throws
  /// Failure::denied when the signature is missing or another's, invalid for everything else that
  /// is wrong with the file.
  Bundle(const std::string& path, const PublicKey* key);

  const Contents& contents() const { return contents_; }
  const Layout& layout() const { return layout_; }
  const Source& source() const { return source_; }
  const oci::Digest& contents_digest() const { return contents_digest_; }
  bool is_signed() const { return is_signed_; }

  /// The whole of a small blob, compared with its digest. Throws Failure::invalid where it differs
  /// or has more than `most` bytes. Requires: it is in the bundle.
  std::string read_blob(const oci::Digest& digest, std::size_t most) const;

  /// From one of its blobs.
  void read(const Blob& blob, std::uint64_t offset, char* data, std::size_t size) const;

  bool has(const oci::Digest& digest) const;

 private:
  Source source_;
  Contents contents_;
  Layout layout_;
  oci::Digest contents_digest_ = oci::Digest::of({});
  bool is_signed_ = false;
};

/// A bundle's image, down to its layers, children first: what a registry must get, in an order that
/// it takes.
struct ImagePart {
  oci::Descriptor descriptor = {};
  bool is_manifest = false;  // or an index; otherwise a config or layer
};

/// Reads the manifests of one image. Throws Failure::invalid where a manifest is damaged, is nested
/// too deep, or names a blob that the contents list does not have with that size. `absent`
/// manifests are left out with all that is below them.
std::vector<ImagePart> parts_of(const Bundle& bundle, const Image& image);

}  // namespace raykeep::bundle
