// The environment of the Ray container: the user's own first, then what KubeRay and Ray expect, in
// KubeRay's order (ray-operator/controllers/ray/common/pod.go, setContainerEnvVars). What the user
// has set is left alone.
#pragma once

#include <string>

#include "plan/object.h"

namespace raykeep::plan {

struct RayEnvironment {
  std::string start_command;  // for KUBERAY_GEN_RAY_START_CMD
  std::string token_file;     // empty: no token authentication
  std::string home;           // a writable folder for $HOME
  bool agent = false;         // the agent is process 1
};

/// FQ_RAY_IP and RAY_IP, the names of the head's Service, for a container's env that has them not.
void add_head_address(const Input& input, doc::Array& list);

/// Appends to container.env. True if HOME is ours (the user did not set it), so that the folder
/// must be mounted.
bool add_environment(const Input& input, bool head, const RayEnvironment& environment,
                     doc::Object& container);

}  // namespace raykeep::plan
