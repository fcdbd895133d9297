// The fence's Lua scripts. Redis runs a script as one step, so what one reads before it writes
// still holds when it writes.
//
// All keys are passed as arguments, none as KEYS: Ray's keys hash to many slots, and a Redis
// Cluster, even of one shard, refuses KEYS of more than one slot. Where the keys lie is known: on
// the one master that we are connected to.
#pragma once

#include <string_view>

namespace raykeep::redis {

/// Arguments: epoch key, lease key, prefix of the done keys, our pod uid, a random text, the
/// holder's name, the lease's time to live in ms. Gives {"taken", token, the epoch before} or
/// {"held", the lease's text, ms until it expires}.
extern const std::string_view acquire_script;

/// Arguments: epoch key, lease key, token, the lease's text, time to live in ms.
/// Gives "renewed"; "lost" when the epoch was gone, with the store's data, and is put back; or
/// "FENCED holder".
extern const std::string_view renew_script;

/// Arguments: lease key, the lease's text. Deletes the lease if it is ours.
extern const std::string_view release_script;

/// Runs Ray's writes. Arguments: epoch key, done key, token, the field for this batch in the done
/// hash, its sequence number, how many commands, then for each how many arguments and these. Gives
/// the commands' replies as an array, applied now or when this batch first arrived. Else an error:
/// FENCED (who owns the store now), NOEPOCH (nobody does), STALE (a later batch has taken the
/// field's place), or an error like READONLY or OOM, with which nothing was applied.
extern const std::string_view write_script;

}  // namespace raykeep::redis
