// The pod template of a Ray group: the user's own, completed so that Ray runs in it, KubeRay's way
// where users can see it, and so that the "restricted" Pod Security standard and a read-only root
// are satisfied by every container. What the user wrote is never overwritten, except the command
// that starts Ray (as KubeRay does).
#pragma once

#include "plan/object.h"

namespace raykeep::plan {

/// core/v1 PodTemplateSpec for the head (head = true) or a worker group.
doc::Object pod_template(const Input& input, const spec::Group& group, bool head);

}  // namespace raykeep::plan
