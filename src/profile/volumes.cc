#include <algorithm>

#include <fmt/format.h>

#include "profile/checks.h"

namespace raykeep::profile {

void volume_kinds(const Pod& pod, Words allowed, Faults& faults) {
  for (const Volume& each : pod.volumes) {
    for (const auto& member : *each.value) {
      std::string_view kind = member.key();
      if (kind == "name" || std::ranges::find(allowed, kind) != allowed.end()) continue;
      faults.push_back({fmt::format("{}/{}", each.pointer, kind),
                        fmt::format("{} is of the kind {}", each.who, kind)});
    }
  }
}

void volume_kind(const Pod& pod, std::string_view kind, Faults& faults) {
  for (const Volume& each : pod.volumes) {
    if (value_at(each.value, {kind}))
      faults.push_back({fmt::format("{}/{}", each.pointer, kind),
                        fmt::format("{} is of the kind {}", each.who, kind)});
  }
}

}  // namespace raykeep::profile
