#include "profile/violations.h"

#include <fmt/format.h>

#include "profile/rules.h"

namespace raykeep::profile {
namespace {

std::string name_of(const doc::Value& object) {
  return fmt::format("{} {}", doc::find_string(object, {"kind"}),
                     doc::find_string(object, {"metadata", "name"}));
}

Faults faults_of(const Rule& rule, const doc::Value& object, Objects all,
                 const std::optional<Pod>& pod) {
  Faults faults;
  if (rule.object != nullptr) rule.object(object, all, faults);
  if (rule.pod != nullptr && pod) rule.pod(*pod, faults);
  return faults;
}

}  // namespace

std::vector<Violation> find_violations(std::span<const doc::Value> objects,
                                       std::span<const Profile> profiles) {
  std::vector<std::optional<Pod>> pods;
  for (const doc::Value& object : objects) pods.push_back(pod_of(object));
  std::vector<Violation> found;
  for (Profile profile : profiles) {
    for (const Rule& rule : rules()) {
      for (const RuleName& name : rule.names) {
        if (name.profile != profile) continue;
        for (std::size_t i = 0; i < objects.size(); ++i) {
          for (Fault& fault : faults_of(rule, objects[i], objects, pods[i])) {
            found.push_back({profile, std::string(name.rule), name_of(objects[i]), i,
                             std::move(fault.pointer), std::move(fault.what),
                             std::string(rule.remedy)});
          }
        }
      }
    }
  }
  return found;
}

}  // namespace raykeep::profile
