// Who starts Ray in a container, by KubeRay's rules (pod.go): the generated command, the user's
// own, or something that the agent cannot stand in front of.
#pragma once

#include <string>
#include <vector>

#include "spec/ray_cluster.h"

namespace raykeep::spec {

enum class StartWay {
  generated,     // `ray start` is added, after the user's own command if there is one
  users,         // the user's command starts Ray; the agent runs it
  unsupervised,  // the user's command does not end, or is not known: it runs as it stands
};

/// From a container's command and args; `overwrites`: ray.io/overwrite-container-cmd is "true".
StartWay start_way(const std::vector<std::string>& command, const std::vector<std::string>& args,
                   bool overwrites);

/// Of a group of the cluster.
StartWay start_way(const RayCluster& cluster, const Group& group);

/// Whether a lifecycle hook runs `ray stop`.
bool stops_ray(const doc::Value& hook);

/// KubeRay's: the command's words and the arguments, each between blanks.
std::string joined_words(const std::vector<std::string>& command,
                         const std::vector<std::string>& args);

}  // namespace raykeep::spec
