#include "redis/acl.h"

#include <algorithm>
#include <cctype>

#include "base/text.h"
#include "redis/command.h"

namespace raykeep::redis {

std::string acl_line(const std::string& user, const std::string& storage_namespace,
                     FenceMode mode) {
  // Besides Ray's own: AUTH needs no right; PING is what the lease's connection proves life with;
  // GET, SET and the hash commands are the fence's; SCAN and UNLINK the clean-up's; CLUSTER INFO
  // tells a cluster of several shards before anything is written to it.
  std::vector<std::string> granted = {"ping", "get", "set", "cluster|info"};
  for (const auto& command : commands()) {
    if (command.handling != Handling::read && command.handling != Handling::write) continue;
    std::string name(command.name);
    std::ranges::transform(name, name.begin(),
                           [](unsigned char c) { return char(std::tolower(c)); });
    granted.push_back(name);
  }
  if (mode == FenceMode::transaction) {
    granted.insert(granted.end(), {"watch", "unwatch", "multi", "exec", "pttl"});
  } else {
    granted.insert(granted.end(), {"evalsha", "script|load", "pttl"});
  }
  std::ranges::sort(granted);
  auto pattern = Keyspace(storage_namespace).pattern();
  std::ranges::replace_if(pattern, [](unsigned char c) { return std::isspace(c) != 0; }, '?');
  return "user " + user + " on resetkeys resetchannels -@all ~" + pattern + " +" +
         join(granted, " +");
}

}  // namespace raykeep::redis
