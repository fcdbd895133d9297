// The lease without scripts: what is read is WATCHed, so that EXEC does nothing if it changed
// meanwhile; then it is read again. Internal to redis.
#pragma once

#include "redis/lease.h"

namespace raykeep::redis {

/// What the lease's key holds: the token and the holder's name.
std::string lease_text(const Claim& claim, const std::string& token);

awaitable<Acquired> acquire_by_transaction(Connection& connection, Keyspace keys, Claim claim,
                                           std::string random, Deadline until);
awaitable<Renewed> renew_by_transaction(Connection& connection, Keyspace keys, Claim claim,
                                        std::string token, Deadline until);
awaitable<void> release_by_transaction(Connection& connection, Keyspace keys, Claim claim,
                                       std::string token, Deadline until);

}  // namespace raykeep::redis
