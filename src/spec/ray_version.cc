#include <charconv>

#include "base/text.h"
#include "spec/ray_cluster.h"

namespace raykeep::spec {

std::optional<RayVersion> parse_ray_version(const std::string& text) {
  std::vector<std::string_view> parts = split(text, '.');
  if (parts.size() < 3) return std::nullopt;
  int numbers[3];
  for (int i = 0; i < 3; ++i) {
    const char* end = parts[i].data() + parts[i].size();
    auto [stopped, problem] = std::from_chars(parts[i].data(), end, numbers[i]);
    bool suffix_may_follow = i == 2;
    if (problem != std::errc() || numbers[i] < 0 || (stopped != end && !suffix_may_follow))
      return std::nullopt;
  }
  return RayVersion{numbers[0], numbers[1], numbers[2]};
}

}  // namespace raykeep::spec
