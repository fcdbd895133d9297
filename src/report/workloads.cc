#include "report/workloads.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"

namespace raykeep::report {
namespace {

bool is(const doc::Value* value, bool wanted) {
  return value != nullptr && value->is_bool() && value->get_bool() == wanted;
}

/// The container's own setting, else its pod's.
const doc::Value* effective(const doc::Value& container, const doc::Value& pod,
                            std::string_view key) {
  const doc::Value* own = doc::find(container, {"securityContext", key});
  return own != nullptr ? own : doc::find(pod, {"securityContext", key});
}

doc::Array texts_at(const doc::Value& value, std::initializer_list<std::string_view> path) {
  const doc::Array* found = doc::find_array(value, path);
  return found != nullptr ? *found : doc::Array{};
}

/// "cpu 4, memory 16Gi"; what is absent is left out.
std::string limits_of(const doc::Value& container) {
  std::vector<std::string> parts;
  const doc::Object* limits = doc::find_object(container, {"resources", "limits"});
  if (limits == nullptr) return "";
  for (const auto& member : *limits) {
    std::string amount = member.value().is_string() ? std::string(member.value().get_string())
                                                    : doc::write_json(member.value());
    parts.push_back(fmt::format("{} {}", std::string_view(member.key()), amount));
  }
  std::ranges::sort(parts);
  return join(parts, ", ");
}

doc::Object container_of(const doc::Value& container, const doc::Value& pod,
                         std::string_view kind) {
  const doc::Value* user = effective(container, pod, "runAsUser");
  const doc::Value* seccomp = effective(container, pod, "seccompProfile");
  return {{"name", doc::find_string(container, {"name"})},
          {"kind", kind},
          {"image", doc::find_string(container, {"image"})},
          {"user", user != nullptr ? *user : doc::Value(nullptr)},
          {"nonRoot", is(effective(container, pod, "runAsNonRoot"), true)},
          {"seccomp", seccomp != nullptr ? doc::find_string(*seccomp, {"type"}) : ""},
          {"readOnlyRoot",
           is(doc::find(container, {"securityContext", "readOnlyRootFilesystem"}), true)},
          {"escalation",
           !is(doc::find(container, {"securityContext", "allowPrivilegeEscalation"}), false)},
          {"privileged", is(doc::find(container, {"securityContext", "privileged"}), true)},
          {"drop", texts_at(container, {"securityContext", "capabilities", "drop"})},
          {"add", texts_at(container, {"securityContext", "capabilities", "add"})},
          {"limits", limits_of(container)}};
}

/// By the kubelet's own mount, or by a volume that the document projects.
bool holds_token(const doc::Value& pod) {
  if (!is(doc::find(pod, {"automountServiceAccountToken"}), false)) return true;
  for (const doc::Value& volume : texts_at(pod, {"volumes"})) {
    const doc::Array* sources = doc::find_array(volume, {"projected", "sources"});
    for (const doc::Value& source : sources ? *sources : doc::Array{}) {
      if (doc::find(source, {"serviceAccountToken"}) != nullptr) return true;
    }
  }
  return false;
}

/// Which field a volume is made of: "emptyDir", "secret", ...
std::string_view kind_of_volume(const doc::Value& volume) {
  if (!volume.is_object()) return "";
  for (const auto& member : volume.get_object()) {
    if (member.key() != "name") return member.key();
  }
  return "emptyDir";  // Kubernetes' reading of a volume of no kind
}

constexpr std::string_view restricted_volumes[] = {
    "configMap", "csi",   "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim",
    "projected", "secret"};

void pod_deviations(const doc::Value& pod, doc::Array& found) {
  for (std::string_view key : {"hostNetwork", "hostPID", "hostIPC"}) {
    if (is(doc::find(pod, {key}), true)) found.emplace_back(fmt::format("the pod has {}", key));
  }
  if (holds_token(pod)) found.emplace_back("the pod holds its service account's token");
  if (!is(doc::find(pod, {"enableServiceLinks"}), false))
    found.emplace_back("the namespace's Services stand in the pod's environment");
  for (const doc::Value& volume : texts_at(pod, {"volumes"})) {
    std::string_view kind = kind_of_volume(volume);
    if (std::ranges::find(restricted_volumes, kind) == std::end(restricted_volumes))
      found.emplace_back(
          fmt::format("volume {} is a {}", doc::find_string(volume, {"name"}), kind));
  }
}

void container_deviations(const doc::Value& written, const doc::Object& read, doc::Array& found) {
  auto want = [&](bool good, std::string_view what) {
    if (!good)
      found.emplace_back(fmt::format("container {}: {}", doc::find_string(read, {"name"}), what));
  };
  auto flag = [&read](std::string_view key) { return read.at(key).as_bool(); };
  std::string_view seccomp = doc::find_string(read, {"seccomp"});
  want(flag("nonRoot"), "may run as root");
  want(read.at("user") != doc::Value(0), "runs as user 0");
  want(seccomp == "RuntimeDefault" || seccomp == "Localhost", "has no seccomp profile");
  want(flag("readOnlyRoot"), "may write to its root filesystem");
  want(!flag("escalation"), "may gain privileges");
  want(!flag("privileged"), "is privileged");
  const doc::Array& drop = read.at("drop").as_array();
  want(std::ranges::count(drop, doc::Value("ALL")) > 0, "keeps capabilities");
  for (const doc::Value& added : read.at("add").as_array())
    want(added == "NET_BIND_SERVICE", "adds a capability");
  for (const doc::Value& port : texts_at(written, {"ports"}))
    want(doc::find(port, {"hostPort"}) == nullptr, "opens a port of the node");
  for (std::string_view resource : {"cpu", "memory"})
    want(doc::find(written, {"resources", "limits", resource}) != nullptr,
         fmt::format("has no limit of {}", resource));
}

doc::Object workload_of(const doc::Value& object, const doc::Value& pod) {
  doc::Array containers, deviations, volumes;
  pod_deviations(pod, deviations);
  each_container(pod, [&](const doc::Value& each, std::string_view kind) {
    doc::Object read = container_of(each, pod, kind);
    container_deviations(each, read, deviations);
    containers.push_back(std::move(read));
  });
  for (const doc::Value& volume : texts_at(pod, {"volumes"})) {
    doc::Value kind(kind_of_volume(volume));
    if (std::ranges::find(volumes, kind) == volumes.end()) volumes.push_back(std::move(kind));
  }
  std::string_view account = doc::find_string(pod, {"serviceAccountName"});
  const doc::Value* group = doc::find(pod, {"securityContext", "fsGroup"});
  return {{"objects", doc::Array{label_of(object)}},
          {"serviceAccount", account.empty() ? "default" : account},
          {"tokenMounted", holds_token(pod)},
          {"fsGroup", group != nullptr ? *group : doc::Value(nullptr)},
          {"volumes", std::move(volumes)},
          {"containers", std::move(containers)},
          {"deviations", std::move(deviations)}};
}

bool are_alike(const doc::Object& one, const doc::Object& other) {
  return std::ranges::all_of(one, [&other](const auto& member) {
    return member.key() == "objects" || member.value() == other.at(member.key());
  });
}

}  // namespace

std::string label_of(const doc::Value& object) {
  return fmt::format("{} {}", doc::find_string(object, {"kind"}),
                     doc::find_string(object, {"metadata", "name"}));
}

const doc::Value* pod_of(const doc::Value& object) {
  std::string_view kind = doc::find_string(object, {"kind"});
  if (kind != "StatefulSet" && kind != "Deployment") return nullptr;
  return doc::find(object, {"spec", "template", "spec"});
}

doc::Array workloads(const std::vector<doc::Value>& objects) {
  doc::Array made;
  for (const doc::Value& object : objects) {
    const doc::Value* pod = pod_of(object);
    if (pod == nullptr) continue;
    doc::Object read = workload_of(object, *pod);
    auto alike = std::ranges::find_if(
        made, [&read](const doc::Value& each) { return are_alike(read, each.get_object()); });
    if (alike == made.end()) {
      made.push_back(std::move(read));
    } else {
      alike->get_object()["objects"].get_array().emplace_back(label_of(object));
    }
  }
  return made;
}

}  // namespace raykeep::report
