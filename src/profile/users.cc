// As which user and groups processes run.
#include <algorithm>

#include <fmt/format.h>

#include "profile/checks.h"

namespace raykeep::profile {
namespace {

constexpr std::int64_t least_id = 1000, most_id = 65536;
/// Namespaces get blocks of 10,000 from here on.
constexpr std::int64_t openshift_first = 1'000'000'000;

/// Where the container's value stands, or would: its own, else the pod's.
struct Effective {
  std::optional<std::int64_t> id;
  std::string pointer;
};

Effective id_in_effect(const Pod& pod, const Container& container, std::string_view field) {
  const std::string own_place = fmt::format("{}/securityContext/{}", container.pointer, field);
  if (auto own = integer_at(container.value, {"securityContext", field})) return {own, own_place};
  if (auto of_pod = integer_at(pod.spec, {"securityContext", field}))
    return {of_pod, fmt::format("{}/{}", pod.holder().pointer, field)};
  return {std::nullopt, own_place};
}

std::optional<bool> non_root_in_effect(const Pod& pod, const Container& container) {
  if (auto own = bool_at(container.value, {"securityContext", "runAsNonRoot"})) return own;
  return bool_at(pod.spec, {"securityContext", "runAsNonRoot"});
}

}  // namespace

void root_user(const Pod& pod, Faults& faults) {
  for (const Holder& each : pod.holders()) {
    if (integer_at(each.context, {"runAsUser"}) == 0)
      faults.push_back({each.pointer + "/runAsUser", fmt::format("{} runs as user 0", each.who)});
  }
}

void may_be_root(const Pod& pod, bool pod_too, Faults& faults) {
  std::optional<bool> of_pod = bool_at(pod.spec, {"securityContext", "runAsNonRoot"});
  if (pod_too && of_pod == false)
    faults.push_back({pod.holder().pointer + "/runAsNonRoot", "the pod allows root"});
  for (const Container& each : pod.containers) {
    std::optional<bool> own = bool_at(each.value, {"securityContext", "runAsNonRoot"});
    if (own.value_or(of_pod.value_or(false))) continue;
    if (pod_too && !own && of_pod == false) continue;  // said above, of the pod
    faults.push_back({each.pointer + "/securityContext/runAsNonRoot",
                      fmt::format("{} may run as root", each.who)});
  }
}

void root_or_undecided_user(const Pod& pod, Faults& faults) {
  for (const Container& each : pod.containers) {
    const Effective user = id_in_effect(pod, each, "runAsUser");
    if (user.id == 0) faults.push_back({user.pointer, fmt::format("{} runs as user 0", each.who)});
    if (!user.id && !non_root_in_effect(pod, each).value_or(false))
      faults.push_back({each.pointer + "/securityContext/runAsNonRoot",
                        fmt::format("{} may run as root", each.who)});
  }
}

void ids_outside_range(const Pod& pod, Faults& faults) {
  auto outside = [](std::int64_t id) { return id < least_id || id > most_id; };
  for (const Container& each : pod.containers) {
    for (std::string_view field : {"runAsUser", "runAsGroup"}) {
      const Effective in_effect = id_in_effect(pod, each, field);
      if (in_effect.id && !outside(*in_effect.id)) continue;
      faults.push_back({in_effect.pointer,
                        in_effect.id ? fmt::format("{}: {} {} is not between {} and {}", each.who,
                                                   field, *in_effect.id, least_id, most_id)
                                     : fmt::format("{}: {} is not said, so the image decides",
                                                   each.who, field)});
    }
  }
  const std::string context = pod.holder().pointer;
  if (auto id = integer_at(pod.spec, {"securityContext", "fsGroup"}); id && outside(*id))
    faults.push_back({context + "/fsGroup",
                      fmt::format("fsGroup {} is not between {} and {}", *id, least_id, most_id)});
  const doc::Array* groups = doc::find_array(*pod.spec, {"securityContext", "supplementalGroups"});
  if (groups == nullptr) return;
  for (const doc::Value& group : *groups) {
    if (group.is_int64() && outside(group.get_int64()))
      faults.push_back(
          {context + "/supplementalGroups", fmt::format("the group {} is not between {} and {}",
                                                        group.get_int64(), least_id, most_id)});
  }
}

void user_outside_openshift(const Pod& pod, Faults& faults) {
  for (const Holder& each : pod.holders()) {
    auto user = integer_at(each.context, {"runAsUser"});
    if (user && *user < openshift_first)
      faults.push_back(
          {each.pointer + "/runAsUser",
           fmt::format("{} asks for user {}, which is in no namespace's range", each.who, *user)});
  }
}

void group_outside_openshift(const Pod& pod, Faults& faults) {
  auto group = integer_at(pod.spec, {"securityContext", "fsGroup"});
  if (group && *group < openshift_first)
    faults.push_back({pod.holder().pointer + "/fsGroup",
                      fmt::format("fsGroup {} is in no namespace's range", *group)});
}

}  // namespace raykeep::profile
