// How much of the node's disk a pod may take: requests and limits of ephemeral-storage, which many
// sites ask for, and without which one pod can fill a node.
//
// The kubelet counts emptyDirs, logs and what a container writes over its image, for each container
// and for the pod against the sum of its containers' limits. So a limit must hold all scratch
// volumes, or it would end pods that their volumes' own limits allow.
#pragma once

#include "doc/json.h"

namespace raykeep::plan {

/// Gives each container that says nothing of ephemeral-storage what its emptyDirs on disk may hold,
/// and room for its logs. Does nothing where that cannot be known: where a container may write to
/// its image, or an emptyDir has no sizeLimit, a limit would be a guess that ends pods.
void limit_scratch_space(doc::Object& pod_spec);

}  // namespace raykeep::plan
