// Where a Redis listens, as Ray's users write it: "redis:6379", "rediss://redis.data.svc:6380".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace raykeep::spec {

struct RedisAddress {
  std::string host;  // a name, or an address without brackets
  int port = 6379;
  bool tls = false;  // written with rediss://
  bool operator==(const RedisAddress&) const = default;

  /// "redis:6379", "[fd00::1]:6379": without the scheme.
  std::string text() const;
};

/// Reads [redis[s]://]host[:port]. Refuses users, passwords and databases in the address (the road
/// to Redis takes those from files), variables, and hosts that are no DNS name or IP address.
Result<RedisAddress> parse_redis_address(std::string_view text, int default_port = 6379);

/// Several between commas, all with TLS or none. Ray itself dials the first only.
Result<std::vector<RedisAddress>> parse_redis_addresses(std::string_view text);

}  // namespace raykeep::spec
