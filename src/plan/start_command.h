// The `ray start` line: the document's rayStartParams, completed as KubeRay completes them, with
// every port that Ray would pick at random pinned to the flow table's number.
#pragma once

#include <string>

#include "plan/object.h"

namespace raykeep::plan {

/// rayStartParams after completion (KubeRay: setMissingRayStartParams and
/// updateRayStartParamsResources in ray-operator/controllers/ray/common/pod.go).
spec::StartParams completed_start_params(const Input& input, const spec::Group& group, bool head);

/// "ray start --head --num-cpus=2 ...", sorted by option. Values that a shell would take
/// apart are quoted; KubeRay does not quote, so a value already in quotes is left as it is.
std::string ray_start_command(const Input& input, const spec::Group& group, bool head);

}  // namespace raykeep::plan
