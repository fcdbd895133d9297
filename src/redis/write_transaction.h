// Ray's writes where scripts are refused: the epoch and the written keys are WATCHed and looked at,
// the reply is foretold from what they hold, and MULTI applies the write and records the reply in
// one step. Two round trips instead of one, one write at a time; the guarantees are the same.
// Internal to redis.
#pragma once

#include "redis/connection.h"
#include "redis/lease.h"

namespace raykeep::redis {

/// Applies one write unless it was applied before. Gives the bytes of what write_script would: an
/// array with the one reply, or an error (FENCED, NOEPOCH, STALE, READONLY, ...). Throws Failure
/// when the connection fails.
awaitable<std::string> write_by_transaction(Connection& connection, Keyspace keys,
                                            std::string token, std::string field,
                                            std::uint64_t sequence, Request write);

/// What must be read to foretell the reply to a write, and the reply from what was read. Pure.
struct Forecast {
  std::vector<std::string> watched = {};  // the keys it changes
  std::vector<std::vector<std::string>> questions = {};
};
Forecast forecast_for(const Request& write);

/// The bytes of the reply; an error of the questions' is the write's own (WRONGTYPE). Empty: it
/// cannot be foretold, for the write will be refused and change nothing (INCRBY of what is no
/// number).
std::string foretold(const Request& write, const std::vector<Reply>& answers);

}  // namespace raykeep::redis
