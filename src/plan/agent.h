// The agent (`raykeep node`) in a Ray pod: process 1 of the Ray container, in front of the command
// that starts Ray. An init container copies it out of Raykeep's own image, so that the Ray image
// stays untouched.
#pragma once

#include <string>

#include "plan/object.h"

namespace raykeep::plan {

/// What the agent is told on its command line, beside the document.
struct AgentOptions {
  bool head = false;
  std::string start;       // "ray start ...", for the container that does not start Ray itself
  std::string token_file;  // empty: no token
  std::string redis_file;  // empty: no road to Redis
};

/// Sets the container's command, probes and port, and the pod's init container, volume and grace
/// period. Requires: the container's start way is not `unsupervised`.
void add_agent(const Input& input, const spec::Group& group, const AgentOptions& options,
               doc::Object& container, doc::Object& pod_spec);

}  // namespace raykeep::plan
