// Every byte of a bundle, compared with what its contents list says: once, with several threads,
// straight from the file.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "bundle/open.h"

namespace raykeep::bundle {

struct Damage {
  std::string entry;                // "blobs/sha256/..."
  std::string place;                // "ray.bundle.002, byte 1024"
  std::string what;                 // one sentence
  std::vector<std::string> images;  // whose it is
};

struct VerifyOptions {
  unsigned threads = 0;  // 0: one for each processor
  /// Called from any thread with the bytes read so far.
  std::function<void(std::uint64_t)> progress = {};
};

/// All damage that was found, by place; empty: the bundle is what its maker signed. The manifests
/// of all images are read, too, and name nothing that is not there.
std::vector<Damage> verify(const Bundle& bundle, const VerifyOptions& options = {});

}  // namespace raykeep::bundle
