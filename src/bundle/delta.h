// What one bundle has and another has not.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "bundle/contents.h"
#include "bundle/open.h"

namespace raykeep::bundle {

/// The newer contents without the image blobs that the older has (or that were absent from it, too,
/// and so are where it was pushed). Files stay: nobody else has them.
Contents delta(Contents newer, const Contents& older, const oci::Digest& older_digest);

/// The contents without the image blobs in `there`, which a registry has.
Contents without(Contents contents, const std::set<oci::Digest>& there);

struct Difference {
  std::vector<std::string> added;  // references of images
  std::vector<std::string> removed;
  std::vector<std::string> changed;  // of another digest
  std::vector<std::string> files;    // "site site.yaml": added, removed or changed
  std::uint64_t new_bytes = 0;       // of blobs that the older has not
  std::uint64_t shared_bytes = 0;    // of those that both have
};

Difference difference(const Contents& older, const Contents& newer);

/// Writes what `newer` adds to `older` as a bundle of its own; pushed where the older one was, it
/// gives what the whole newer one would. Gives its size.
std::uint64_t write_delta(const Bundle& older, const std::string& newer_path, const Bundle& newer,
                          const std::string& path, const PrivateKey* key);

}  // namespace raykeep::bundle
