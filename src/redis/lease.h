// The lease in the store: taking, renewing and giving it back, each as one atomic step. By scripts,
// or where those are refused by WATCH, MULTI and EXEC.
#pragma once

#include <cstdint>
#include <string>

#include "redis/connection.h"
#include "redis/keys.h"
#include "redis/road.h"

namespace raykeep::redis {

/// What a head writes into the store about itself.
struct Claim {
  std::string pod_uid = {};
  std::string holder_name = {};
  Duration ttl = {};
};

/// A token as the store has it.
struct Token {
  std::uint64_t epoch = 0;
  std::string pod_uid = {};
  std::string holder_name = {};  // of the lease's text; empty where there is only the token
  bool operator==(const Token&) const = default;
};

/// Reads "7:0a1b:f00d" or "7:0a1b:f00d ray-head-0"; what is wrong with a text stays empty.
Token parse_token(std::string_view text);

/// The scripts' names on one connection, as SCRIPT LOAD gave them.
struct Scripts {
  FenceMode mode = FenceMode::unknown;
  std::string acquire = {};
  std::string renew = {};
  std::string release = {};
  std::string write = {};
};

/// Loads the scripts, on each connection anew: Redis forgets them when it restarts. Where scripting
/// is refused, the mode is `transaction`. Throws Failure as ask() does, and when neither is
/// allowed.
awaitable<Scripts> load_scripts(Connection& connection, Deadline until);

struct Acquired {
  bool taken = false;
  std::string token = {};    // ours, when taken
  std::string holder = {};   // the lease's text, when held by another
  Duration expires_in = {};  // when held by another; may be renewed
};

/// Takes the lease if it is free, expired, or held by this very pod.
awaitable<Acquired> acquire_lease(Connection& connection, Scripts scripts, Keyspace keys,
                                  Claim claim, Deadline until);

struct Renewed {
  enum class Outcome { renewed, storage_lost, fenced };
  Outcome outcome = Outcome::renewed;
  std::string holder = {};  // when fenced: the lease's text or the token of who has the store
};

/// Renews our lease, also one that has run out if nobody took it meanwhile.
awaitable<Renewed> renew_lease(Connection& connection, Scripts scripts, Keyspace keys, Claim claim,
                               std::string token, Deadline until);

awaitable<void> release_lease(Connection& connection, Scripts scripts, Keyspace keys, Claim claim,
                              std::string token, Deadline until);

}  // namespace raykeep::redis
