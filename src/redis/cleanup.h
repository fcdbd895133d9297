// Removing a cluster's keys after its head is gone.
#pragma once

#include <cstdint>
#include <string>

#include "redis/connection.h"

namespace raykeep::redis {

struct Cleaned {
  std::uint64_t removed = 0;  // keys
  std::uint64_t left = 0;     // keys seen and not removed when the time was up
  bool complete = false;      // nothing is left
  std::string held_by = {};   // a head still renews the lease: nothing was removed
  bool operator==(const Cleaned&) const = default;
};

/// Removes all keys of the namespace, in batches, so that Redis serves others meanwhile. First it
/// takes the lease, as a new head would: one that still lives is not robbed but named in `held_by`,
/// one that died is waited for, and a forgotten one that wakes up later finds itself fenced and
/// cannot bring keys back. For that the lease and the epoch stay for a day and then go by
/// themselves; they are not counted.
///
/// Done again it does nothing. At the deadline it stops and says what is left. Throws Failure as
/// connect() does.
awaitable<Cleaned> clean_up(boost::asio::any_io_executor executor, const Clock& clock,
                            Upstream upstream, std::string storage_namespace, Deadline until);

}  // namespace raykeep::redis
