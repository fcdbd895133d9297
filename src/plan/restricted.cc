#include "plan/restricted.h"

namespace raykeep::plan {

void make_restricted(doc::Object& container) {
  doc::Object& context = object_at(container, "securityContext");
  doc::Object defaults;
  defaults["allowPrivilegeEscalation"] = false;
  defaults["readOnlyRootFilesystem"] = true;
  add_missing(context, defaults);
  doc::Object& capabilities = object_at(context, "capabilities");
  if (!capabilities.contains("drop")) capabilities["drop"] = doc::Array{"ALL"};
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
