// What Ray may ask of Redis over our road, and what becomes of it. One table: the road forwards
// nothing else, and the ACL line grants nothing else.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "redis/keys.h"
#include "redis/resp.h"

namespace raykeep::redis {

enum class Handling {
  read,    // forwarded as it is, and repeated freely
  write,   // forwarded as one atomic step with the fence's check, and never applied twice
  answer,  // by ourselves: `reply`
  close,   // answered by `reply`, then the connection is closed
};

struct Command {
  std::string_view name;  // upper case
  Handling handling = Handling::read;
  int first_key = 0;       // 0: it has none
  bool many_keys = false;  // all arguments from the first key on are keys
};

/// Every command that Ray 2.41 to 2.60 sends (redis_store_client.cc, redis_context.cc, gcs_utils),
/// upper case, sorted.
std::span<const Command> commands();

struct Judgement {
  Handling handling = Handling::answer;
  std::string reply = {};
};

/// What becomes of a request. Requests for keys outside the namespace, for the fence's own keys,
/// and commands that are not in the table get an error as answer.
Judgement judge(const Request& request, const Keyspace& keys);

}  // namespace raykeep::redis
