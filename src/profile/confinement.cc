// The kernel's own fences: seccomp, AppArmor, SELinux, sysctls.
#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "doc/pointer.h"
#include "profile/checks.h"

namespace raykeep::profile {
namespace {

constexpr std::string_view apparmor_annotation = "container.apparmor.security.beta.kubernetes.io/";

bool is_fence(std::string_view type) { return type == "RuntimeDefault" || type == "Localhost"; }

bool among(Words words, std::string_view word) {
  return std::ranges::find(words, word) != words.end();
}

/// The type, or nothing where no profile is said.
std::optional<std::string_view> seccomp_of(const Holder& holder) {
  if (!value_at(holder.context, {"seccompProfile"})) return std::nullopt;
  return text_at(holder.context, {"seccompProfile", "type"});
}

std::string seccomp_place(const Holder& holder) { return holder.pointer + "/seccompProfile/type"; }

const doc::Object* selinux_of(const Holder& holder) {
  return holder.context == nullptr ? nullptr
                                   : doc::find_object(*holder.context, {"seLinuxOptions"});
}

}  // namespace

void seccomp_turned_off(const Pod& pod, Faults& faults) {
  for (const Holder& each : pod.holders()) {
    auto type = seccomp_of(each);
    if (type && !is_fence(*type))
      faults.push_back({seccomp_place(each),
                        fmt::format("{}: the seccomp profile is {}", each.who, quoted(*type))});
  }
}

void seccomp_not_set(const Pod& pod, bool pod_too, Faults& faults) {
  const auto of_pod = seccomp_of(pod.holder());
  const bool pod_good = of_pod && is_fence(*of_pod);
  if (pod_too && of_pod && !pod_good)
    faults.push_back({seccomp_place(pod.holder()),
                      fmt::format("the pod's seccomp profile is {}", quoted(*of_pod))});
  for (const Container& each : pod.containers) {
    const Holder holder = pod.holder(each);
    auto own = seccomp_of(holder);
    if (own ? is_fence(*own) : pod_good) continue;
    faults.push_back({seccomp_place(holder),
                      own ? fmt::format("{}: the seccomp profile is {}", each.who, quoted(*own))
                          : fmt::format("{} has no seccomp profile", each.who)});
  }
}

void seccomp_in_effect(const Pod& pod, bool absent_is_wrong, Faults& faults) {
  for (const Container& each : pod.containers) {
    const Holder holder = pod.holder(each);
    auto type = seccomp_of(holder);
    if (!type) type = seccomp_of(pod.holder());
    if (type ? is_fence(*type) : !absent_is_wrong) continue;
    faults.push_back({seccomp_place(holder),
                      type ? fmt::format("{}: the seccomp profile is {}", each.who, quoted(*type))
                           : fmt::format("{} has no seccomp profile", each.who)});
  }
}

void apparmor_fields(const Pod& pod, Faults& faults) {
  for (const Holder& each : pod.holders()) {
    if (!value_at(each.context, {"appArmorProfile"})) continue;
    std::string_view type = text_at(each.context, {"appArmorProfile", "type"});
    if (!is_fence(type))
      faults.push_back({each.pointer + "/appArmorProfile/type",
                        fmt::format("{}: the AppArmor profile is {}", each.who, quoted(type))});
  }
}

void apparmor_annotations(const Pod& pod, bool empty_is_good, Faults& faults) {
  const doc::Object* annotations =
      pod.metadata == nullptr ? nullptr : doc::find_object(*pod.metadata, {"annotations"});
  if (annotations == nullptr) return;
  for (const auto& member : *annotations) {
    std::string_view key = member.key();
    if (!key.starts_with(apparmor_annotation) || !member.value().is_string()) continue;
    std::string_view value = member.value().get_string();
    if (value == "runtime/default" || value.starts_with("localhost/")) continue;
    if (value.empty() && empty_is_good) continue;
    faults.push_back({fmt::format("{}/metadata/annotations/{}", pod.pointer, doc::escape_step(key)),
                      fmt::format("the AppArmor profile is {}", quoted(value))});
  }
}

void apparmor_in_effect(const Pod& pod, Faults& faults) {
  for (const Container& each : pod.containers) {
    const std::string annotation =
        fmt::format("{}{}", apparmor_annotation, doc::find_string(*each.value, {"name"}));
    Holder holder = pod.holder(each);
    std::string pointer;
    std::string_view profile = "RuntimeDefault";
    if (!value_at(holder.context, {"appArmorProfile"}) &&
        value_at(pod.metadata, {"annotations", annotation})) {
      profile = text_at(pod.metadata, {"annotations", annotation});
      if (profile == "runtime/default") profile = "RuntimeDefault";
      pointer =
          fmt::format("{}/metadata/annotations/{}", pod.pointer, doc::escape_step(annotation));
    } else {
      if (!value_at(holder.context, {"appArmorProfile"})) holder = pod.holder();
      if (value_at(holder.context, {"appArmorProfile"}))
        profile = text_at(holder.context, {"appArmorProfile", "type"});
      pointer = holder.pointer + "/appArmorProfile/type";
    }
    if (profile != "RuntimeDefault")
      faults.push_back(
          {pointer, fmt::format("{}: the AppArmor profile is {}", each.who, quoted(profile))});
  }
}

void selinux_types(const Pod& pod, Words allowed, Faults& faults) {
  for (const Holder& each : pod.holders()) {
    const doc::Object* options = selinux_of(each);
    if (!value_at(options, {"type"}) || among(allowed, text_at(options, {"type"}))) continue;
    faults.push_back(
        {each.pointer + "/seLinuxOptions/type",
         fmt::format("{}: the SELinux type is {}", each.who, quoted(text_at(options, {"type"})))});
  }
}

void selinux_users(const Pod& pod, bool said_at_all, Faults& faults) {
  for (const Holder& each : pod.holders()) {
    const doc::Object* options = selinux_of(each);
    for (std::string_view field : {"user", "role"}) {
      if (!value_at(options, {field})) continue;
      if (!said_at_all && text_at(options, {field}).empty()) continue;
      faults.push_back({fmt::format("{}/seLinuxOptions/{}", each.pointer, field),
                        fmt::format("{} sets the SELinux {}", each.who, field)});
    }
  }
}

void selinux_beyond_type(const Pod& pod, Words allowed, Faults& faults) {
  for (const Holder& each : pod.holders()) {
    const doc::Object* options = selinux_of(each);
    if (options == nullptr) continue;
    for (const auto& member : *options) {
      std::string_view value =
          member.value().is_string() ? std::string_view(member.value().get_string()) : "";
      if (member.key() == "type" && among(allowed, value)) continue;
      faults.push_back(
          {fmt::format("{}/seLinuxOptions/{}", each.pointer, std::string_view(member.key())),
           fmt::format("{} sets the SELinux {} to {}", each.who, std::string_view(member.key()),
                       quoted(value))});
    }
  }
}

void selinux_options(const Pod& pod, Faults& faults) {
  for (const Holder& each : pod.holders()) {
    const doc::Object* options = selinux_of(each);
    if (options != nullptr && !options->empty())
      faults.push_back(
          {each.pointer + "/seLinuxOptions",
           fmt::format("{} sets SELinux options, which the namespace decides", each.who)});
  }
}

void sysctls(const Pod& pod, Words allowed, Faults& faults) {
  const doc::Array* list = doc::find_array(*pod.spec, {"securityContext", "sysctls"});
  if (list == nullptr) return;
  for (std::size_t i = 0; i < list->size(); ++i) {
    std::string_view name = doc::find_string((*list)[i], {"name"});
    if (!among(allowed, name))
      faults.push_back({fmt::format("{}/sysctls/{}/name", pod.holder().pointer, i),
                        fmt::format("the pod sets the sysctl {}", quoted(name))});
  }
}

}  // namespace raykeep::profile
