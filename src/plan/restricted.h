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

/// Gives the document's volumes that have the name of one of ours another one, with their mounts:
/// the name of a volume means something within its pod only. "shared-mem" and "ray-home" stay where
/// the Ray container mounts something at our place, as then there is none of ours.
void rename_volumes_like_ours(doc::Object& pod_spec);

/// The pod's securityContext, and the volume "tmp" that every container's /tmp is.
void restrict_pod(const spec::Site& site, doc::Object& pod_spec);

}  // namespace raykeep::plan
