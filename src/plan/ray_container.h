// The container that runs Ray: command, environment, ports, probes, volumes.
#pragma once

#include "plan/object.h"

namespace raykeep::plan {

/// Completes the first container of a pod spec and adds the volumes it needs.
void complete_ray_container(const Input& input, const spec::Group& group, bool head,
                            doc::Object& pod_spec);

}  // namespace raykeep::plan
