// A look at a Redis as a whole, for `check`, `status` and the controller: can it be used, how, and
// who has the store.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "redis/connection.h"
#include "redis/health.h"
#include "redis/lease.h"
#include "redis/road.h"

namespace raykeep::redis {

struct Examination {
  std::string server = {};  // "10.1.2.3:6379"
  ServerFacts facts = {};
  std::vector<Concern> concerns = {};
  FenceMode fence_mode = FenceMode::unknown;

  /// The epoch's token: who may write, or last could. Nothing in a store without a fence.
  std::optional<Token> owner = {};

  /// Who lives. Nothing: nobody holds the lease, so a new head gets the store at once, and the old
  /// one, if it still runs somewhere, is refused by the store from then on.
  std::optional<Token> holder = {};
  Duration expires_in = {};  // of the lease, unless it is renewed

  bool operator==(const Examination&) const = default;
};

/// Connects as the road does and looks. Changes nothing but the server's cache of scripts. Throws
/// Failure as connect() does: what is wrong with password, certificate, ACL, master or shards is in
/// its text, with the remedy.
awaitable<Examination> examine(boost::asio::any_io_executor executor, const Clock& clock,
                               Upstream upstream, std::string storage_namespace, Deadline until);

}  // namespace raykeep::redis
