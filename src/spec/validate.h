// The rules that a RayCluster must keep beyond its shape, one function a topic. Each reports at the place of the
// mistake and looks at all of its topic. KubeRay's rules are those of its 1.7 utils/validation.go; Raykeep's own
// come from what the objects it makes can bear.
#pragma once

#include "spec/ray_cluster.h"
#include "spec/reader.h"

namespace raykeep::spec {

/// All of the below. `root` is the document; `cluster` what was read from it.
void validate(const Cursor& root, const RayCluster& cluster);

/// metadata: names short enough for every label that Kubernetes makes of them, labels, annotations.
void validate_metadata(const Cursor& metadata);

}  // namespace raykeep::spec
