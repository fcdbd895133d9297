#include "sbom/package.h"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

namespace raykeep::sbom {
namespace {

/// purl-spec, "Character encoding": these stand for themselves, and the colon with them.
bool stands_for_itself(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '-' || c == '_' || c == '~' || c == ':';
}

void append(std::string& made, std::string_view text, bool slashes) {
  for (char c : text) {
    if (stands_for_itself(c) || (slashes && c == '/')) {
      made += c;
    } else {
      fmt::format_to(std::back_inserter(made), "%{:02X}", static_cast<unsigned char>(c));
    }
  }
}

}  // namespace

std::string purl_of(std::string_view type, std::string_view space, std::string_view name,
                    std::string_view version,
                    const std::vector<std::pair<std::string_view, std::string>>& qualifiers) {
  std::string made = fmt::format("pkg:{}/", type);
  if (!space.empty()) {
    append(made, space, true);
    made += '/';
  }
  append(made, name, false);
  if (!version.empty()) {
    made += '@';
    append(made, version, false);
  }
  char before = '?';
  for (const auto& [key, value] : qualifiers) {
    if (value.empty()) continue;
    made += before;
    made += key;
    made += '=';
    append(made, value, true);
    before = '&';
  }
  return made;
}

void sort_packages(std::vector<Package>& packages) {
  std::ranges::sort(packages);
  auto kept = packages.begin();
  for (auto each = packages.begin(); each != packages.end(); ++each) {
    if (kept != each && kept->purl == each->purl) {
      std::ranges::move(each->locations, std::back_inserter(kept->locations));
      continue;
    }
    if (each != packages.begin()) ++kept;
    if (kept != each) *kept = std::move(*each);
  }
  if (!packages.empty()) packages.erase(std::next(kept), packages.end());
  for (Package& each : packages) {
    std::ranges::sort(each.locations);
    auto [first, last] = std::ranges::unique(each.locations);
    each.locations.erase(first, last);
  }
}

}  // namespace raykeep::sbom
