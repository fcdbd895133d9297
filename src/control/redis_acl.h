// Rules of Redis' access control, for an administrator to write down and for a managed Redis' ACL
// file.
#pragma once

#include <string>

#include "base/secret.h"

namespace raykeep::control {

/// "user NAME on ... ~RAY<namespace>@* +get ...": what the road to Redis needs and nothing else,
/// without a password. The generation's placeholder in the storage namespace stands for every
/// generation.
std::string redis_acl(const std::string& user, const std::string& storage_namespace);

/// The users of a managed Redis: anybody may ask for PONG, which probes do; the agent may do what
/// the road needs; nobody may do anything else.
Secret<std::string> managed_redis_acl(const Secret<std::string>& password);

}  // namespace raykeep::control
