// Which Secrets a cluster needs, by name, and who reads them. Values are never here: nothing in
// this module has them.
#pragma once

#include "report/input.h"

namespace raykeep::report {

/// Sorted by name: {"name", "what", "madeBy", "readers": [{"objects": ["Deployment demo-worker-a"],
/// "container", "how", "keys"}]}. An empty "container": the kubelet, for the pod.
doc::Array secrets(const Input& input);

}  // namespace raykeep::report
