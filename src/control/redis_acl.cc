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
  return Secret(fmt::format(
      "user default on nopass resetkeys resetchannels -@all +ping\n{} >{}\n",
      redis_acl(std::string(plan::managed_redis_user), std::string(plan::generation_placeholder)),
      password.reveal()));
}

}  // namespace raykeep::control
