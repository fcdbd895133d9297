// What the pods of a cluster may do, read from the objects that make them, and where that is more
// than the "restricted" Pod Security standard and what reviewers ask beyond it.
#pragma once

#include "doc/json.h"

namespace raykeep::report {

/// StatefulSets and Deployments; those that differ in nothing but name and number of pods are one:
///   {"objects": ["Deployment demo-worker-a"], "serviceAccount", "tokenMounted", "volumes",
///    "containers": [{"name", "kind", "image", "user", "nonRoot", "seccomp", "readOnlyRoot",
///    "escalation", "drop", "add", "limits"}], "deviations": ["container x: ..."]}
doc::Array workloads(const std::vector<doc::Value>& objects);

/// Is the object one that makes pods? Then `pod_of` is their spec, else nullptr.
const doc::Value* pod_of(const doc::Value& object);

/// Each container of a pod's spec, init containers first; `kind` is "init" or "container".
template <class Visit>
void each_container(const doc::Value& pod, const Visit& visit) {
  for (auto [list, kind] : {std::pair<std::string_view, std::string_view>{"initContainers", "init"},
                            {"containers", "container"}}) {
    const doc::Array* found = doc::find_array(pod, {list});
    if (found == nullptr) continue;
    for (const doc::Value& each : *found) visit(each, kind);
  }
}

/// "Deployment demo-worker-a".
std::string label_of(const doc::Value& object);

}  // namespace raykeep::report
