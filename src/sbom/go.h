// What a Go program says of itself: the modules that it was linked from (Go 1.18 and later, package
// debug/buildinfo). It stays in a program whose symbols were taken out.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "sbom/package.h"

namespace raykeep::sbom {

/// Finds the build information in a program that comes in pieces.
class GoBuildInfo {
 public:
  /// Requires: every piece but the last has a multiple of 16 bytes, as that is where it may begin.
  void add(std::string_view piece);

  /// What was found, from its first byte on; empty where there is none.
  const std::string& bytes() const { return bytes_; }
  std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_ = {};
};

/// The main module, those it depends on, and the standard library. `location` is the program's
/// path.
Result<std::vector<Package>> parse_go(std::string_view bytes, std::string_view location);

}  // namespace raykeep::sbom
