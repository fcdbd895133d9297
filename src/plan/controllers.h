// What keeps the pods there: a StatefulSet of one for the head, a Deployment for each worker group,
// and the PodDisruptionBudgets that tell a node drain what may go.
#pragma once

#include <vector>

#include "plan/object.h"

namespace raykeep::plan {

/// The head. A StatefulSet because it never runs two pods of one name: two GCS on one store would
/// corrupt it.
doc::Value head_stateful_set(const Input& input);

/// A worker group. Heals with nothing of ours running; naked pods would be refused by many policy
/// engines.
doc::Value worker_deployment(const Input& input, const spec::WorkerGroup& group);

/// One for the head (no voluntary eviction: without GCS storage it would lose the cluster's state)
/// and one for each worker group (one at a time). Pods that are not healthy may always be evicted.
std::vector<doc::Value> disruption_budgets(const Input& input);

}  // namespace raykeep::plan
