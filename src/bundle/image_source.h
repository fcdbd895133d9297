// Where the parts of one image come from: a registry, or an archive of this machine. Internal to
// bundle's gathering.
#pragma once

#include <memory>
#include <string>

#include "bundle/gather.h"

namespace raykeep::bundle {

class ImageSource {
 public:
  virtual ~ImageSource() = default;
  virtual std::string name() const = 0;
  virtual awaitable<oci::FoundManifest> manifest(oci::Descriptor what) = 0;
  /// Its bytes, which the caller compares with the digest.
  virtual awaitable<std::string> config(oci::Descriptor what) = 0;
  virtual Origin layer(const oci::Descriptor& what) const = 0;
};

std::unique_ptr<ImageSource> source_of(oci::Registry& registry, std::string repository);
std::unique_ptr<ImageSource> source_of(LocalArchive archive);

/// A manifest or config of an archive. Throws Failure::invalid, which names the file.
std::string small_blob(const LocalArchive& archive, const oci::Digest& digest);

}  // namespace raykeep::bundle
