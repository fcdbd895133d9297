// What is in an image: the packages that its databases list, and the programs that none of them
// lists, which nobody but the image's maker can explain.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "oci/digest.h"
#include "oci/layer.h"
#include "sbom/filesystem.h"
#include "sbom/os_release.h"
#include "sbom/package.h"

namespace raykeep::sbom {

struct UnknownFile {
  std::string path = {};
  oci::Digest digest = oci::Digest::of({});
  std::uint64_t size = 0;
};

struct Inventory {
  OsRelease os = {};
  std::vector<Package> packages = {};     // sorted, each purl once
  std::vector<UnknownFile> unknown = {};  // programs of no package, by path; at most most_unknown
  std::size_t unknown_count = 0;          // of them all
  std::vector<std::string> notes = {};    // what could not be read, and why
};

inline constexpr std::size_t most_unknown = 2'000;

struct LayerSource {
  std::string media_type = {};
  oci::Pull pull = {};  // none: the layer is not at hand, which is noted
};

struct Limits {
  oci::LayerLimits layer = {};
  FilesystemLimits filesystem = {};
};

/// Reads each layer once, lowest first. Throws Failure::invalid where one is broken or too large,
/// and what a Pull throws.
Inventory take_inventory(std::span<LayerSource> layers, const Limits& limits = {});

}  // namespace raykeep::sbom
