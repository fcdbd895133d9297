// What goes to Redis at once: one read, or some writes of Ray's in a row, which the store applies
// as one step. Internal to redis.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"
#include "redis/command.h"
#include "redis/lease.h"

namespace raykeep::redis {

struct Unit {
  Handling handling = Handling::answer;
  std::vector<Request> requests = {};  // of a read one; of an answer none
  std::string reply = {};              // of an answer
  std::uint64_t sequence = 0;  // of writes: counts up per lane number, never used twice in an epoch
  Instant since = {};          // when Ray sent it
  std::size_t weight = 0;      // bytes of its requests
  bool sent = false;           // on this connection or an earlier one
};

/// How many units of a lane may be unanswered at once, and so how many fields its writes need in
/// the done hash: a field is used again only when the write it belonged to has been answered.
constexpr std::uint64_t most_in_flight = 256;

/// Writes in a row that become one unit.
constexpr std::size_t most_writes_per_unit = 256;
constexpr std::size_t most_bytes_per_unit = 256 * 1024;

/// The field in the done hash for a write of lane `lane`: "3:17".
std::string done_field(int lane, std::uint64_t sequence);

/// Appends the unit's request: a read as it came, writes as a call of write_script.
void append_unit(std::string& out, const Unit& unit, const Scripts& scripts, const Keyspace& keys,
                 const std::string& token, int lane);

/// The replies for Ray in write_script's reply: what follows the array's header. Nothing when it is
/// not an array of `count` elements.
std::optional<std::string_view> replies_of(std::string_view reply, std::size_t count);

}  // namespace raykeep::redis
