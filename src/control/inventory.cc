#include "control/inventory.h"

#include <array>

#include <fmt/format.h>

#include "control/fields.h"
#include "plan/names.h"

namespace raykeep::control {

namespace kinds {
const kube::Kind config_map{"v1", "ConfigMap"};
const kube::Kind secret{"v1", "Secret"};
const kube::Kind service{"v1", "Service"};
const kube::Kind network_policy{"networking.k8s.io/v1", "NetworkPolicy"};
const kube::Kind stateful_set{"apps/v1", "StatefulSet"};
const kube::Kind deployment{"apps/v1", "Deployment"};
const kube::Kind replica_set{"apps/v1", "ReplicaSet"};
const kube::Kind pod{"v1", "Pod"};
const kube::Kind disruption_budget{"policy/v1", "PodDisruptionBudget"};
const kube::Kind volume_claim{"v1", "PersistentVolumeClaim"};
const kube::Kind event{"v1", "Event"};
}  // namespace kinds

std::span<const kube::Kind> listed_kinds() {
  static const std::array all = {kinds::config_map,   kinds::network_policy,    kinds::service,
                                 kinds::volume_claim, kinds::disruption_budget, kinds::stateful_set,
                                 kinds::deployment};
  return all;
}

bool is_workload(const doc::Value& object) {
  return kind_of(object) == "StatefulSet" || kind_of(object) == "Deployment";
}

bool outlives_cluster(const doc::Value& object) {
  return doc::find_string(object, {"metadata", "annotations", plan::keep_annotation}) == "true";
}

bool is_ours(const doc::Value& object, const std::string& cluster) {
  return label_of(object, plan::managed_by_label) == plan::managed_by &&
         label_of(object, plan::cluster_label) == cluster;
}

std::string belongs_to(const doc::Value& object) {
  std::string_view cluster = label_of(object, plan::cluster_label);
  std::string_view manager = label_of(object, plan::managed_by_label);
  if (manager == plan::managed_by && !cluster.empty())
    return fmt::format("Raykeep's cluster {}", cluster);
  std::string_view release =
      doc::find_string(object, {"metadata", "annotations", "meta.helm.sh/release-name"});
  if (!release.empty()) return fmt::format("the Helm release {}", release);
  for (const doc::Value& owner : list_at(object, {"metadata", "ownerReferences"})) {
    return fmt::format("{} {}", doc::find_string(owner, {"kind"}),
                       doc::find_string(owner, {"name"}));
  }
  if (!manager.empty()) return std::string(manager);
  return "somebody else";
}

std::string label_for_people(const doc::Value& object) {
  return fmt::format("{} {}", kind_of(object), name_of(object));
}

}  // namespace raykeep::control
