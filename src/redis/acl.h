// The least rights in Redis with which the road works, for whoever administers it.
#pragma once

#include <string>

#include "redis/road.h"

namespace raykeep::redis {

/// "user NAME on resetkeys resetchannels -@all ~RAY<namespace>@* +hget ...": for an ACL file or,
/// after "ACL SET", for redis-cli. It grants no password: add ">password" or "#sha256". `mode` is
/// what the fence shall use: scripts, or transactions where the administrator does not allow
/// scripts.
///
/// Redis 6.2 or newer. In ACL patterns spaces cannot be written: a namespace with white space gets
/// "?" in its place.
std::string acl_line(const std::string& user, const std::string& storage_namespace,
                     FenceMode mode = FenceMode::script);

}  // namespace raykeep::redis
