// The head group and the worker groups of a RayCluster.
#pragma once

#include <vector>

#include "spec/ray_cluster.h"
#include "spec/reader.h"

namespace raykeep::spec {

HeadGroup parse_head_group(const Cursor& group);

/// With KubeRay's defaults, and replicas clamped as KubeRay does. What is wrong within one group is
/// reported.
WorkerGroup parse_worker_group(const Cursor& group);

/// What can only be seen with all groups side by side.
void validate_group_names(const std::vector<Cursor>& groups);

/// Reports every label that Kubernetes would refuse.
void validate_labels(const Cursor& labels, const Code& code);
/// Likewise for annotations' keys.
void validate_annotations(const Cursor& annotations, const Code& code);

}  // namespace raykeep::spec
