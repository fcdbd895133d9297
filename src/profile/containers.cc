// Resources, images, probes, and the rest of what stands in a container.
#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "doc/pointer.h"
#include "profile/checks.h"

namespace raykeep::profile {
namespace {

std::string_view image_of(const Container& container) {
  return doc::find_string(*container.value, {"image"});
}

constexpr std::string_view probes[] = {"livenessProbe", "readinessProbe", "startupProbe"};

/// A probe that asks something.
bool asks(const Container& container, std::string_view probe) {
  for (std::string_view way : {"httpGet", "tcpSocket", "exec", "grpc"}) {
    if (value_at(container.value, {probe, way})) return true;
  }
  return false;
}

}  // namespace

void amounts(const Pod& pod, std::span<const Amount> wanted, bool ephemeral_too, Faults& faults) {
  for (const Container& each : pod.containers) {
    if (each.kind == Container::Kind::ephemeral && !ephemeral_too) continue;
    for (const Amount& amount : wanted) {
      const doc::Value* have = value_at(each.value, {"resources", amount.section, amount.resource});
      if (have != nullptr && !(have->is_string() && have->get_string().empty())) continue;
      faults.push_back(
          {fmt::format("{}/resources/{}/{}", each.pointer, amount.section, amount.resource),
           fmt::format("{} has no {} in its {}", each.who, amount.resource, amount.section)});
    }
  }
}

void images_without_tag(const Pod& pod, bool after_last_slash, Faults& faults) {
  for (const Container& each : pod.containers) {
    std::string_view image = image_of(each);
    std::string_view last = image;
    if (after_last_slash && image.contains('/')) last.remove_prefix(image.rfind('/') + 1);
    if (!last.contains(':'))
      faults.push_back({each.pointer + "/image",
                        fmt::format("{}: the image {} has no tag", each.who, quoted(image))});
  }
}

void images_with_tag(const Pod& pod, std::string_view tag, Faults& faults) {
  for (const Container& each : pod.containers) {
    std::string_view image = image_of(each);
    if (image.ends_with(fmt::format(":{}", tag)))
      faults.push_back({each.pointer + "/image", fmt::format("{}: the image {} has the tag {}",
                                                             each.who, quoted(image), tag)});
  }
}

void images_named(const Pod& pod, std::string_view part, Faults& faults) {
  for (const Container& each : pod.containers) {
    if (image_of(each).contains(part))
      faults.push_back({each.pointer + "/image",
                        fmt::format("{} runs the image {}", each.who, quoted(image_of(each)))});
  }
}

void no_probe_at_all(const Pod& pod, Faults& faults) {
  static constexpr std::string_view kinds[] = {"Pod", "DaemonSet", "Deployment", "StatefulSet"};
  if (std::ranges::find(kinds, pod.kind) == std::end(kinds)) return;
  for (const Container& each : pod.containers) {
    if (each.kind != Container::Kind::usual) continue;
    bool any = std::ranges::any_of(
        probes, [&](std::string_view probe) { return each.value->contains(probe); });
    if (!any) faults.push_back({each.pointer, fmt::format("{} has no probe", each.who)});
  }
}

void missing_probes(const Pod& pod, Words wanted, Faults& faults) {
  for (const Container& each : pod.containers) {
    if (each.kind != Container::Kind::usual) continue;
    for (std::string_view probe : wanted) {
      if (!asks(each, probe))
        faults.push_back({fmt::format("{}/{}", each.pointer, probe),
                          fmt::format("{} has no {}", each.who, probe)});
    }
  }
}

void interactive(const Pod& pod, Faults& faults) {
  for (const Container& each : pod.containers) {
    for (std::string_view field : {"stdin", "tty"}) {
      if (bool_at(each.value, {field}).value_or(false))
        faults.push_back({fmt::format("{}/{}", each.pointer, field),
                          fmt::format("{} is interactive", each.who)});
    }
  }
}

void mounted_token(const Pod& pod, Faults& faults) {
  const std::string pointer = pod.pointer + "/spec/automountServiceAccountToken";
  std::optional<bool> said = bool_at(pod.spec, {"automountServiceAccountToken"});
  if (said == true) {
    faults.push_back({pointer, "a token of the service account is mounted"});
  }
  if (said) return;
  for (const Container& each : pod.containers) {
    if (each.kind == Container::Kind::ephemeral) continue;
    const doc::Array* mounts = doc::find_array(*each.value, {"volumeMounts"});
    if (mounts == nullptr) continue;
    for (const doc::Value& mount : *mounts) {
      if (doc::find_string(mount, {"mountPath"}) == "/var/run/secrets/kubernetes.io/serviceaccount")
        faults.push_back(
            {pointer, fmt::format("{} mounts a token of the service account", each.who)});
    }
  }
}

void missing_label(const Pod& pod, std::string_view label, Faults& faults) {
  if (text_at(pod.metadata, {"labels", label}).empty())
    faults.push_back({fmt::format("{}/metadata/labels/{}", pod.pointer, doc::escape_step(label)),
                      fmt::format("the pod has no label {}", label)});
}

}  // namespace raykeep::profile
