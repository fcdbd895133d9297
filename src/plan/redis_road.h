// What the head's agent needs for the road to Redis: its configuration in a ConfigMap, and one
// folder with that and every secret as files, which the kubelet renews. Ray itself is told nothing
// but an address on loopback.
#pragma once

#include <string>

#include "plan/object.h"

namespace raykeep::plan {

/// ConfigMap <c>-gcs-redis. Requires: the storage is a Redis.
doc::Value redis_road_config(const Input& input);

/// Mounts the folder into the head's Ray container. The path of the agent's --redis.
std::string add_redis_road(const Input& input, doc::Object& container, doc::Object& pod_spec);

/// For a head without the agent: what KubeRay tells Ray by variables. No fence, and no help when
/// Redis is away.
void add_direct_redis(const Input& input, doc::Object& container, doc::Object& pod_spec);

}  // namespace raykeep::plan
