// Policy profiles applied to a plan, offline: which objects an admission engine would refuse, by
// which of its rules, and what to do about it. A pure function of the objects; no engine runs.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "doc/json.h"
#include "profile/profile.h"

namespace raykeep::profile {

struct Violation {
  Profile profile;
  std::string rule;     // as the engine calls it: "disallow-latest-tag/validate-image-tag"
  std::string object;   // "StatefulSet demo-head"
  std::size_t index;    // of the object among those given
  std::string pointer;  // within it: what is wrong, or where something is missing
  std::string what;     // "container ray-head: the tag latest means another image tomorrow"
  std::string remedy;
  bool operator==(const Violation&) const = default;
};

/// In the order of the profiles given, of the table of rules, and of the objects. A workload's pod
/// template is judged as the pod that it becomes.
std::vector<Violation> find_violations(std::span<const doc::Value> objects,
                                       std::span<const Profile> profiles);

}  // namespace raykeep::profile
