// images.lock: which digest each image of a document has in the Site's registry. `raykeep bundle
// push` writes it, --images-lock reads it. It is a document of its own, kind ImagesLock of
// raykeep.io/v1, and becomes part of the Site that is used: so it is stored with the cluster.
#pragma once

#include <string>
#include <vector>

#include "base/finding.h"
#include "doc/document.h"

namespace raykeep::spec {

struct LockedImage {
  std::string name;    // as the outside calls it: "docker.io/rayproject/ray:2.60.0"
  std::string digest;  // "sha256:..."
  std::string image;   // where it lies now: "registry.bank.example/mirror/rayproject/ray:2.60.0"
  bool operator==(const LockedImage&) const = default;
};

struct ImagesLock {
  std::string bundle;  // the digest of the contents list it came from; may be empty
  std::vector<LockedImage> images;
};

/// As YAML, sorted by name, with a comment that says what it is.
std::string write_images_lock(ImagesLock lock);

struct ParsedImagesLock {
  ImagesLock lock;
  Findings findings;  // RK307x
};
ParsedImagesLock parse_images_lock(const doc::Document& document);

/// Writes the lock's digests into a Site's document, as images.digests; where the Site says another
/// digest itself, that is an error (RK3073).
Findings lock_site(const ImagesLock& lock, const std::string& lock_file, doc::Document& site);

}  // namespace raykeep::spec
