// The Redis that Raykeep runs beside a cluster, where the Site says `redis: {managed: {}}`: one
// server with an append-only file on a volume, a user for the head's agent and nobody else, as
// restricted as every other container. It is as available as its pod: while that is replaced, the
// agent holds Ray's requests.
#pragma once

#include <vector>

#include "plan/object.h"

namespace raykeep::plan {

/// The user that the agent logs in as.
inline constexpr std::string_view managed_redis_user = "raykeep";

/// The user of its probes: has no password and may PING.
inline constexpr std::string_view managed_redis_prober = "probe";

/// Keys of the Secret <c>-redis, which `up` makes: the password, Redis' ACL file with it, and the
/// certificate where the Site does not bring one.
inline constexpr std::string_view managed_password_key = "password";
inline constexpr std::string_view managed_acl_key = "users.acl";

/// The names that a certificate for it must have; none where it needs no certificate of ours. The
/// first is the one that the agent asks for, whatever the cluster's domain is.
std::vector<std::string> managed_redis_names(const Input& input);

/// The storage with addresses and credentials in place, also where the Redis is ours. Requires: it
/// is a Redis.
spec::Storage reachable_redis(const Input& input);

/// ConfigMap, Service and claim; the policy is among network_policies(). Empty where the Site has
/// another Redis or none.
std::vector<doc::Value> managed_redis_objects(const Input& input);

/// Requires: the storage is managed.
doc::Value redis_stateful_set(const Input& input);

}  // namespace raykeep::plan
