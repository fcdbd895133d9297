// What belongs to a cluster: the kinds of objects Raykeep makes, and the labels that say an object
// is ours. `up` prunes and `down` removes by these, so a kind that plan learns to make is added
// here.
#pragma once

#include <span>
#include <string>

#include "doc/json.h"
#include "kube/client.h"

namespace raykeep::control {

namespace kinds {
extern const kube::Kind config_map, secret, service, network_policy, stateful_set, deployment,
    replica_set, pod, disruption_budget, volume_claim, event;
}

/// Those that are found by listing. Secrets are not among them: to list them is to read them all;
/// the token's is asked for by its name.
std::span<const kube::Kind> listed_kinds();

/// StatefulSets and Deployments: what has pods.
bool is_workload(const doc::Value& object);

/// A volume claim that its document retains (plan::keep_annotation): it has no owner, and nothing
/// of ours deletes it.
bool outlives_cluster(const doc::Value& object);

/// Does the object carry our inventory labels for this cluster?
bool is_ours(const doc::Value& object, const std::string& cluster);

/// Whose it is, for a refusal: "Helm release monitoring", "Raykeep's cluster other", "somebody
/// else".
std::string belongs_to(const doc::Value& object);

/// "StatefulSet demo-head".
std::string label_for_people(const doc::Value& object);

}  // namespace raykeep::control
