#include "plan/controllers.h"

#include "plan/pod.h"

namespace raykeep::plan {
namespace {

doc::Object match(const Input& input, flow::Role role, const std::string& group) {
  return doc::Object{{"matchLabels", pod_selector(input.cluster, role, group)}};
}

/// Group and role labels on the controller itself, so that `kubectl get -l` finds it as it finds
/// its pods.
doc::Object labelled(const Input& input, std::string_view kind, const std::string& name,
                     flow::Role role, const std::string& group) {
  doc::Object made = object(input, "apps/v1", kind, name);
  add_missing(made["metadata"].get_object()["labels"].get_object(),
              pod_selector(input.cluster, role, group));
  return made;
}

doc::Value budget(const Input& input, const std::string& name, flow::Role role,
                  const std::string& group, int max_unavailable) {
  doc::Object made = object(input, "policy/v1", "PodDisruptionBudget", name);
  doc::Object spec;
  spec["maxUnavailable"] = max_unavailable;
  spec["selector"] = match(input, role, group);
  spec["unhealthyPodEvictionPolicy"] = "AlwaysAllow";
  made["spec"] = std::move(spec);
  return made;
}

}  // namespace

doc::Value head_stateful_set(const Input& input) {
  doc::Object made =
      labelled(input, "StatefulSet", head_name(input.cluster.name), flow::Role::head, "");
  doc::Object spec;
  spec["replicas"] = input.cluster.suspend ? 0 : 1;
  spec["serviceName"] = head_service_name(input.cluster);
  spec["podManagementPolicy"] = "Parallel";
  spec["revisionHistoryLimit"] = 2;
  spec["selector"] = match(input, flow::Role::head, "");
  spec["template"] = pod_template(input, input.cluster.head, true);
  made["spec"] = std::move(spec);
  return made;
}

doc::Value worker_deployment(const Input& input, const spec::WorkerGroup& group) {
  doc::Object made = labelled(input, "Deployment", worker_name(input.cluster.name, group.name),
                              flow::Role::worker, group.name);
  doc::Object spec;
  spec["replicas"] = input.cluster.suspend || group.suspend ? 0 : group.replicas;
  spec["revisionHistoryLimit"] = 2;
  // No surge: a quota sized for the cluster has no room for one more.
  spec["strategy"] =
      doc::Object{{"type", "RollingUpdate"},
                  {"rollingUpdate", doc::Object{{"maxSurge", 0}, {"maxUnavailable", 1}}}};
  spec["selector"] = match(input, flow::Role::worker, group.name);
  spec["template"] = pod_template(input, group, false);
  made["spec"] = std::move(spec);
  return made;
}

std::vector<doc::Value> disruption_budgets(const Input& input) {
  const std::string& cluster = input.cluster.name;
  std::vector<doc::Value> made;
  // A head that keeps its state may be moved; one that does not takes the cluster's with it.
  const bool keeps = input.storage.backend != spec::Storage::Backend::memory;
  made.push_back(budget(input, head_name(cluster), flow::Role::head, "", keeps ? 1 : 0));
  for (const spec::WorkerGroup& group : input.cluster.workers) {
    made.push_back(
        budget(input, worker_name(cluster, group.name), flow::Role::worker, group.name, 1));
  }
  return made;
}

}  // namespace raykeep::plan
