// Making a bundle: every blob goes straight to its place in the file, several at a time; what an
// interrupted run has written is used again.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "bundle/gather.h"
#include "bundle/key.h"
#include "bundle/storage.h"

namespace raykeep::bundle {

struct CreateOptions {
  std::string path = {};
  std::uint64_t part_size = 0;      // 0: one file
  const PrivateKey* key = nullptr;  // none: not signed
  bool bills = true;                // bills of materials are made of the layers
  std::size_t at_once = 8;
  int tries = 6;                                     // of a blob whose connection breaks
  std::function<void(std::uint64_t)> progress = {};  // called with bytes that came in
};

struct Created {
  std::vector<std::string> paths;
  std::uint64_t size = 0;
  std::uint64_t fetched = 0;  // bytes that were read from registries
  std::uint64_t kept = 0;     // bytes that an earlier run had written
  oci::Digest contents_digest = oci::Digest::of({});
};

/// `gathered.contents` is normalised and completed. Throws Failure: invalid where a blob is not
/// what its digest says, or the disk is full; what passes is tried again.
awaitable<Created> create(Gathered gathered, CreateOptions options);

}  // namespace raykeep::bundle
