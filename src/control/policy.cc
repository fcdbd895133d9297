#include "control/policy.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "control/fields.h"
#include "control/inventory.h"

namespace raykeep::control {
namespace {

/// One pod template under judgment.
class Judgment {
 public:
  Judgment(const Policy& policy, const doc::Value& workload, const doc::Object& spec)
      : policy_(policy), object_(label_for_people(workload)), spec_(spec) {}

  std::string refusal() const {
    for (const char* each : {"hostNetwork", "hostPID", "hostIPC"}) {
      if (is_true(spec_, each)) return say(each, "is never allowed");
    }
    if (std::string found = service_account(); !found.empty()) return found;
    for (const char* list : {"initContainers", "containers", "ephemeralContainers"}) {
      if (std::string found = containers(list); !found.empty()) return found;
    }
    return volumes();
  }

 private:
  std::string say(std::string_view what, std::string_view why) const {
    return fmt::format("{}: {} {}", object_, what, why);
  }

  static bool is_true(const doc::Object& object, std::string_view member) {
    const doc::Value* found = object.if_contains(member);
    return found != nullptr && found->is_bool() && found->get_bool();
  }

  std::string service_account() const {
    for (const char* member : {"serviceAccountName", "serviceAccount"}) {
      std::string name(doc::find_string(spec_, {member}));
      if (name.empty() || name == "default") continue;
      if (std::ranges::count(policy_.service_accounts, name) == 0)
        return say(fmt::format("service account {}", quoted(name)),
                   "is not among those the controller may use (--allow-service-account)");
    }
    return "";
  }

  std::string containers(std::string_view list) const {
    const doc::Array* found = doc::find_array(spec_, {list});
    if (found == nullptr) return "";
    for (const doc::Value& each : *found) {
      std::string_view image = doc::find_string(each, {"image"});
      bool allowed = policy_.image_prefixes.empty() ||
                     std::ranges::any_of(policy_.image_prefixes, [&](const std::string& prefix) {
                       return image.starts_with(prefix);
                     });
      if (!allowed)
        return say(fmt::format("image {}", quoted(image, 200)),
                   "begins with none of the allowed prefixes (--allow-image)");
      if (true_at(each, {"securityContext", "privileged"}))
        return say(fmt::format("container {}", doc::find_string(each, {"name"})),
                   "is privileged, which is never allowed");
    }
    return "";
  }

  std::string volumes() const {
    const doc::Array* found = doc::find_array(spec_, {"volumes"});
    if (found == nullptr) return "";
    for (const doc::Value& each : *found) {
      if (!each.is_object()) continue;
      for (const auto& member : each.get_object()) {
        std::string kind(member.key());
        if (kind == "name") continue;
        if (kind == "hostPath" || std::ranges::count(policy_.volume_kinds, kind) == 0)
          return say(fmt::format("volume {} of kind {}", doc::find_string(each, {"name"}), kind),
                     kind == "hostPath" ? "is never allowed"
                                        : "is not of an allowed kind (--allow-volume)");
      }
    }
    return "";
  }

  const Policy& policy_;
  std::string object_;
  const doc::Object& spec_;
};

}  // namespace

std::string refusal_by(const Policy& policy, const plan::Plan& plan) {
  for (const doc::Value& object : plan.objects) {
    const doc::Object* spec = doc::find_object(object, {"spec", "template", "spec"});
    if (spec == nullptr) continue;
    if (std::string found = Judgment(policy, object, *spec).refusal(); !found.empty()) return found;
  }
  return "";
}

}  // namespace raykeep::control
