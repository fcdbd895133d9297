// Names that the controller writes into a cluster, beside those of the plan (plan/names.h).
// PERSISTED: changing one orphans what is already there; policy_test.cc pins them.
#pragma once

#include <string_view>

#include "flow/ports.h"

namespace raykeep::control {

/// The Lease of the controllers in a namespace, and the name of everything that is installed for
/// them.
inline constexpr std::string_view controller_name = "raykeep-controller";

/// In the owner ConfigMap's data, beside the document: what the controller says of the cluster.
inline constexpr std::string_view status_key = "status.json";

/// On the owner ConfigMap, from when `down` begins: the controller makes nothing anew. `up` takes
/// it away again.
inline constexpr std::string_view removing_annotation = "raykeep.io/removing";

/// On the head's StatefulSet: the node that the next head is kept off, if another will do.
inline constexpr std::string_view avoid_node_annotation = "raykeep.io/avoid-node";

/// On the claim of a GCS volume, by somebody who knows the storage driver: "detach" says that
/// detaching the volume stops a node that still writes.
inline constexpr std::string_view volume_fence_annotation = "raykeep.io/volume-fence";
inline constexpr std::string_view volume_fence_detach = "detach";

/// On a note of what to clean in Redis when its cluster is gone: the cluster's name. Not the
/// inventory's label, by which `down` would take the note with the cluster.
inline constexpr std::string_view cleanup_label = "raykeep.io/cleanup";
inline constexpr std::string_view cleanup_key = "cleanup.json";  // in its data

// --- RayServices. On the ConfigMap above their clusters:

/// "<cluster> <configuration>" that did not come to serve and is not tried again, and why.
inline constexpr std::string_view given_up_annotation = "raykeep.io/given-up";
inline constexpr std::string_view given_up_why_annotation = "raykeep.io/given-up-because";

// --- And on a cluster's owner: which configuration its Serve should have, the last one with which
// all applications ran (in its data), and what its Serve took last: "<configuration> <capacity>".
inline constexpr std::string_view serve_key = "serve.yaml";
inline constexpr std::string_view good_serve_key = "serve-good.yaml";
inline constexpr std::string_view serve_put_annotation = "raykeep.io/serve-put";

/// The controller's own port: /livez, /readyz and /metrics.
inline constexpr int controller_port = flow::controller_port;

}  // namespace raykeep::control
