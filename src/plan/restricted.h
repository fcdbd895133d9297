// The "restricted" Pod Security standard (Kubernetes documentation, Pod Security Standards) plus
// what the reviewers of locked-down sites ask for beyond it: a read-only root, requests and limits,
// sized scratch space.
#pragma once

#include <string>

#include "plan/object.h"

namespace raykeep::plan {

struct Mount {
  std::string volume;
  std::string path;
  bool read_only = false;
};

/// Completes a container's securityContext: no privilege escalation, all capabilities dropped,
/// read-only root.
void make_restricted(doc::Object& container);

/// Where only one of requests and limits is given for cpu or memory, the other follows it.
void complete_resources(doc::Object& container);

/// Mounts the volume, unless the container already has something at that path. True if it was
/// mounted.
bool mount_unless_taken(doc::Object& container, const Mount& mount);

/// The pod's securityContext, and the volume "tmp" that every container's /tmp is.
void restrict_pod(const spec::Site& site, doc::Object& pod_spec);

}  // namespace raykeep::plan
