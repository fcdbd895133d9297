#include "control/redis_acl.h"

#include <fmt/format.h>

#include "plan/generation.h"
#include "plan/managed_redis.h"
#include "redis/acl.h"

namespace raykeep::control {

std::string redis_acl(const std::string& user, const std::string& storage_namespace) {
  std::string line = redis::acl_line(user, storage_namespace);
  std::size_t at = line.find(plan::generation_placeholder);
  if (at != std::string::npos) line.replace(at, plan::generation_placeholder.size(), "*");
  return line;
}

Secret<std::string> managed_redis_acl(const Secret<std::string>& password) {
  // Nobody can log in as "default", but Redis 7.0 replays its append-only file with that user's
  // rights: without them every step that a script made is refused at a restart, and lost.
  return Secret(fmt::format(
      "user default off ~* &* +@all\n"
      "user {} on nopass resetkeys resetchannels -@all +ping\n"
      "{} >{}\n",
      plan::managed_redis_prober,
      redis_acl(std::string(plan::managed_redis_user), std::string(plan::generation_placeholder)),
      password.reveal()));
}

}  // namespace raykeep::control
