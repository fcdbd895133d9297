// Which blobs a bundle needs, and where each comes from: found from manifests alone, before any
// layer is read.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "bundle/contents.h"
#include "bundle/storage.h"
#include "oci/archive.h"
#include "oci/manifest.h"
#include "oci/registries.h"

namespace raykeep::bundle {

using oci::awaitable;

/// Images in an archive of this machine, and the file that they are in.
struct LocalArchive {
  std::shared_ptr<const Source> file;
  std::shared_ptr<const oci::Archive> images;
};

/// Where a blob's bytes are.
struct Origin {
  oci::Registry* registry = nullptr;  // and its repository
  std::string repository = {};
  std::string bytes = {};     // or, without a registry, these ...
  std::string path = {};      // ... then, if it is named, those of this file ...
  std::string rest = {};      // ... and these
  LocalArchive archive = {};  // or those that an archive has under the blob's digest
};

struct Gathered {
  Contents contents;
  std::map<oci::Digest, Origin> origins;
  std::vector<std::string> notes;  // what is worth saying
  std::string newest;              // `created` of the newest image, RFC 3339; may be empty
};

/// Adds an image with the manifests of those platforms (empty: of all). An index is kept whole
/// where all its platforms are wanted, or where the reference names its digest; one platform of it
/// becomes the image itself. Throws Failure.
awaitable<void> gather_image(oci::Registries& registries, std::string reference,
                             std::vector<oci::Platform> platforms, Gathered& gathered);

/// Throws Failure::invalid, which names the file.
LocalArchive open_archive(const std::string& path);

/// Adds one of an archive's images, under that reference, whole.
awaitable<void> gather_archived(LocalArchive archive, const oci::ArchivedImage& image,
                                std::string reference, std::vector<oci::Platform> platforms,
                                Gathered& gathered);

/// Adds a file of this machine, read to its end for its digest.
void gather_file(File::Kind kind, const std::string& path, Gathered& gathered);

/// Adds an image that holds the program at `path` and nothing else, as packaging/image makes it.
void gather_own_image(const std::string& reference, const std::string& path, Gathered& gathered);

}  // namespace raykeep::bundle
