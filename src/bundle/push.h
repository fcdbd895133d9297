// A bundle into a registry, straight from the file: what the registry has is not sent, what one
// repository has got is mounted into the next, and every manifest comes after all that it names.
// Doing it again sends nothing.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "bundle/open.h"
#include "oci/registry.h"

namespace raykeep::bundle {

using oci::awaitable;

struct PushTarget {
  const Image* image = nullptr;
  std::string repository = {};  // in the registry: "mirror/rayproject/ray"
  std::string tag = {};         // may be empty: by digest alone
};

struct PushOptions {
  std::size_t at_once = 8;
  std::uint64_t chunk = 0;                           // oci::UploadOptions::chunk
  std::function<void(std::uint64_t)> progress = {};  // called with bytes that went out
};

struct Pushed {
  std::uint64_t sent = 0;        // bytes of blobs
  std::uint64_t wasted = 0;      // of them, sent twice because a connection broke
  std::uint64_t there = 0;       // bytes that the registry had, or mounted
  std::size_t images_there = 0;  // images of which nothing was to do
};

/// Throws the first Failure; what went in before stays, and is not sent again by the next run.
awaitable<Pushed> push(const Bundle& bundle, oci::Registry& registry,
                       std::vector<PushTarget> targets, PushOptions options);

}  // namespace raykeep::bundle
