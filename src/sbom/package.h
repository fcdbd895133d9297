// A package that an image has, as the database that lists it says; nothing is looked up elsewhere.
#pragma once

#include <compare>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace raykeep::sbom {

struct Package {
  std::string purl = {};  // what it is, to every other tool; unique within an inventory
  std::string name = {};
  std::string version = {};
  /// What it was built from, where that is not itself: by this, distributions name what is fixed.
  std::string source_name = {};
  std::string source_version = {};
  std::string licence = {};   // as it is written, of SPDX or not; may be empty
  std::string supplier = {};  // "Debian Python Team <team@example.org>"; may be empty
  std::string sha256 = {};    // of the file that it was installed from, where that is known
  std::vector<std::string> locations = {};  // what says so: paths in the image, sorted

  auto operator<=>(const Package&) const = default;
};

/// A package URL (purl-spec): "pkg:deb/debian/libc6@2.36-9?arch=amd64". What is empty is left out;
/// qualifiers must be sorted by their keys.
std::string purl_of(std::string_view type, std::string_view space, std::string_view name,
                    std::string_view version,
                    const std::vector<std::pair<std::string_view, std::string>>& qualifiers = {});

/// Brings packages into order and those of one purl together, with all their locations.
void sort_packages(std::vector<Package>& packages);

}  // namespace raykeep::sbom
