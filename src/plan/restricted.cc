#include "plan/restricted.h"

#include <algorithm>

namespace raykeep::plan {

void make_restricted(doc::Object& container) {
  doc::Object& context = object_at(container, "securityContext");
  doc::Object defaults;
  defaults["allowPrivilegeEscalation"] = false;
  defaults["readOnlyRootFilesystem"] = true;
  add_missing(context, defaults);
  doc::Object& capabilities = object_at(context, "capabilities");
  // ALL is all; but a policy in wide use (Kyverno's drop-cap-net-raw) looks for this one by name.
  if (!capabilities.contains("drop")) capabilities["drop"] = doc::Array{"ALL", "NET_RAW"};
}

void complete_resources(doc::Object& container) {
  doc::Object& resources = object_at(container, "resources");
  for (std::string_view name : {"cpu", "memory"}) {
    for (auto [have, lack] : {std::pair{"limits", "requests"}, std::pair{"requests", "limits"}}) {
      const doc::Value* given = resources.if_contains(have);
      if (given == nullptr || !given->is_object() || !given->get_object().contains(name)) continue;
      doc::Value amount = given->get_object().at(name);
      doc::Object& other = object_at(resources, lack);
      if (!other.contains(name)) other[name] = std::move(amount);
    }
  }
  if (resources.empty()) container.erase("resources");
}

namespace {

/// Does the Ray container, the first, mount something there?
bool is_mounted_at(const doc::Object& pod_spec, std::string_view path) {
  const doc::Value* containers = pod_spec.if_contains("containers");
  if (containers == nullptr || !containers->is_array() || containers->get_array().empty())
    return false;
  const doc::Array* mounts = doc::find_array(containers->get_array().front(), {"volumeMounts"});
  return mounts != nullptr && std::ranges::any_of(*mounts, [&](const doc::Value& mount) {
           std::string_view at = doc::find_string(mount, {"mountPath"});
           while (at.size() > 1 && at.ends_with('/')) at.remove_suffix(1);
           return at == path;
         });
}

/// Sets "name" where it is `from`.
void rename_in(doc::Object& holder, std::string_view list, std::string_view from,
               std::string_view to) {
  doc::Value* entries = holder.if_contains(list);
  if (entries == nullptr || !entries->is_array()) return;
  for (doc::Value& entry : entries->get_array()) {
    if (doc::find_string(entry, {"name"}) == from) entry.get_object()["name"] = to;
  }
}

bool has_volume(const doc::Object& pod_spec, std::string_view name) {
  const doc::Value* volumes = pod_spec.if_contains("volumes");
  return volumes != nullptr && volumes->is_array() &&
         std::ranges::any_of(volumes->get_array(), [&](const doc::Value& volume) {
           return doc::find_string(volume, {"name"}) == name;
         });
}

}  // namespace

void rename_volumes_like_ours(doc::Object& pod_spec) {
  for (auto [name, place] : {std::pair<std::string_view, std::string_view>{"tmp", ""},
                             {"ray-token", ""},
                             {"ray-home", home_folder},
                             {"shared-mem", "/dev/shm"}}) {
    if (!has_volume(pod_spec, name) || (!place.empty() && is_mounted_at(pod_spec, place))) continue;
    std::string other = std::string(name) + "-of-document";
    while (has_volume(pod_spec, other)) other += "-1";
    rename_in(pod_spec, "volumes", name, other);
    for (std::string_view list : {"initContainers", "containers"}) {
      doc::Value* containers = pod_spec.if_contains(list);
      if (containers == nullptr || !containers->is_array()) continue;
      for (doc::Value& container : containers->get_array()) {
        if (!container.is_object()) continue;
        rename_in(container.get_object(), "volumeMounts", name, other);
        rename_in(container.get_object(), "volumeDevices", name, other);
      }
    }
  }
}

bool mount_unless_taken(doc::Object& container, const Mount& mount) {
  doc::Array& mounts = array_at(container, "volumeMounts");
  for (const doc::Value& existing : mounts) {
    std::string_view path = doc::find_string(existing, {"mountPath"});
    while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
    if (path == mount.path) return false;
  }
  doc::Object made{{"name", mount.volume}, {"mountPath", mount.path}};
  if (mount.read_only) made["readOnly"] = true;
  mounts.push_back(std::move(made));
  return true;
}

void restrict_pod(const spec::Site& site, doc::Object& pod_spec) {
  doc::Object& context = object_at(pod_spec, "securityContext");
  doc::Object defaults;
  defaults["runAsNonRoot"] = true;
  if (site.pods.run_as_user) defaults["runAsUser"] = *site.pods.run_as_user;
  if (site.pods.run_as_group) defaults["runAsGroup"] = *site.pods.run_as_group;
  if (site.pods.fs_group) defaults["fsGroup"] = *site.pods.fs_group;
  defaults["seccompProfile"] = doc::Object{{"type", "RuntimeDefault"}};
  add_missing(context, defaults);

  doc::Object tmp;
  tmp["name"] = "tmp";
  tmp["emptyDir"] = doc::Object{{"sizeLimit", site.pods.tmp_size}};
  add_volume(pod_spec, std::move(tmp));
}

}  // namespace raykeep::plan
