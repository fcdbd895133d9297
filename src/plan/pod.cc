#include "plan/pod.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "plan/image.h"
#include "plan/mesh.h"
#include "plan/ray_container.h"
#include "plan/ray_environment.h"
#include "plan/redis_road.h"
#include "plan/restricted.h"
#include "plan/scratch_space.h"
#include "plan/services.h"
#include "spec/ray_service.h"

namespace raykeep::plan {
namespace {

/// KubeRay's pod labels (ray-operator/controllers/ray/common/pod.go, labelPod): the group's labels
/// win over the template's, and neither can change who the pod is.
doc::Object pod_labels(const Input& input, const spec::Group& group, bool head,
                       const doc::Object& of_template) {
  const std::string& cluster = input.cluster.name;
  doc::Object labels =
      pod_selector(input.cluster, head ? flow::Role::head : flow::Role::worker, "");
  labels[ray_group_label] = group.name;
  labels[ray_is_node_label] = "yes";
  labels[managed_by_label] = managed_by;
  labels[cluster_label] = cluster;
  // Until a controller looks: where there is none, every ready pod counts.
  if (flow::takes_requests(input.cluster) && !(head && input.cluster.serves_without_head))
    labels[ray_serve_label] = serves;
  if (!input.cluster.service.empty()) {
    labels[spec::origin_name_label] = input.cluster.service;
    labels[spec::origin_kind_label] = spec::ray_service_kind;
  }
  add_missing(labels, to_object(group.labels));
  add_missing(labels, of_template);
  labels[ray_identifier_label] = cluster + (head ? "-head" : "-worker");
  if (!labels.contains("app.kubernetes.io/name")) labels["app.kubernetes.io/name"] = "kuberay";
  add_missing(labels, to_object(input.site.pods.labels));
  return labels;
}

/// KubeRay's, by which people and tools tell a head that keeps its state; and the configuration
/// that the agent began with.
void add_storage_annotations(const Input& input, doc::Object& annotations) {
  const bool keeps = input.storage.backend != spec::Storage::Backend::memory;
  annotations[ft_enabled_annotation] = keeps ? "true" : "false";
  if (!input.storage.is_redis()) return;
  annotations[storage_namespace_annotation] = input.storage_namespace;
  const doc::Value config = redis_road_config(input);
  annotations[config_annotation] = content_hash(doc::write_json(*doc::find(config, {"data"})));
}

/// The list is a map by name, and a second entry would be refused. The last value wins, as in a
/// pod; it stands where the first was, so that what refers to it finds it.
void keep_last_of_each_variable(doc::Object& container) {
  doc::Value* env = container.if_contains("env");
  if (env == nullptr || !env->is_array()) return;
  doc::Array& list = env->get_array();
  doc::Array kept;
  std::map<std::string, std::size_t> places;
  for (doc::Value& variable : list) {
    auto [place, is_new] =
        places.try_emplace(std::string(doc::find_string(variable, {"name"})), kept.size());
    if (is_new)
      kept.push_back(std::move(variable));
    else
      kept[place->second] = std::move(variable);
  }
  list = std::move(kept);
}

void complete_containers(const Input& input, doc::Object& spec, std::string_view list) {
  doc::Value* containers = spec.if_contains(list);
  if (containers == nullptr || !containers->is_array()) return;
  for (doc::Value& value : containers->get_array()) {
    if (!value.is_object()) continue;
    doc::Object& container = value.get_object();
    if (doc::Value* image = container.if_contains("image"); image && image->is_string()) {
      *image = image_on_site(image->get_string(), input.site);
    }
    if (!input.site.image_pull_policy.empty()) {
      container["imagePullPolicy"] = input.site.image_pull_policy;
    }
    keep_last_of_each_variable(container);
    make_restricted(container);
    complete_resources(container);
    mount_unless_taken(container, {"tmp", "/tmp"});
  }
}

/// What init containers wait for the head with (KubeRay's setInitContainerEnvVars, in both roles).
void tell_init_containers(const Input& input, doc::Object& spec) {
  doc::Value* containers = spec.if_contains("initContainers");
  if (containers == nullptr || !containers->is_array()) return;
  for (doc::Value& container : containers->get_array()) {
    if (container.is_object()) add_head_address(input, array_at(container.get_object(), "env"));
  }
}

}  // namespace

doc::Object pod_template(const Input& input, const spec::Group& group, bool head) {
  doc::Object made;
  for (std::string_view member : {"metadata", "spec"}) {
    const doc::Value* given = group.pod_template.if_contains(member);
    made[member] = given != nullptr && given->is_object() ? *given : doc::Object();
  }
  doc::Object& metadata = made["metadata"].get_object();
  // A template's own name and namespace mean nothing: the controller names its pods.
  metadata.erase("name");
  metadata.erase("namespace");
  metadata["labels"] = pod_labels(input, group, head, object_at(metadata, "labels"));
  doc::Object& annotations = object_at(metadata, "annotations");
  if (head) add_storage_annotations(input, annotations);
  add_missing(annotations, to_object(input.site.pods.annotations));
  if (metadata["annotations"].get_object().empty()) metadata.erase("annotations");

  doc::Object& spec = made["spec"].get_object();
  rename_volumes_like_ours(spec);
  tell_init_containers(input, spec);
  complete_ray_container(input, group, head, spec);
  complete_containers(input, spec, "initContainers");
  complete_containers(input, spec, "containers");
  restrict_pod(input.site, spec);
  limit_scratch_space(spec);

  doc::Object defaults;
  defaults["automountServiceAccountToken"] = false;
  defaults["enableServiceLinks"] = false;
  if (!input.site.pods.service_account_name.empty()) {
    defaults["serviceAccountName"] = input.site.pods.service_account_name;
  }
  if (!input.site.pods.priority_class_name.empty()) {
    defaults["priorityClassName"] = input.site.pods.priority_class_name;
  }
  add_missing(spec, defaults);
  // Deployments and StatefulSets allow Always only; KubeRay's autoscaler v2 users write Never.
  spec.erase("restartPolicy");

  for (const std::string& name : input.site.image_pull_secrets) {
    // The list is a map by name: a second entry would be refused.
    doc::Array& secrets = array_at(spec, "imagePullSecrets");
    bool known = std::ranges::any_of(
        secrets, [&](const doc::Value& each) { return doc::find_string(each, {"name"}) == name; });
    if (!known) secrets.push_back(doc::Object{{"name", name}});
  }
  const flow::Role role = head ? flow::Role::head : flow::Role::worker;
  join_mesh(input.site, mesh_pod(input, {role, head ? "" : group.name}), made);
  return made;
}

}  // namespace raykeep::plan
