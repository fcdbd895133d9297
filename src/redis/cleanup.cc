#include "redis/cleanup.h"

#include <algorithm>

#include "base/text.h"
#include "net/event.h"
#include "redis/lease.h"

namespace raykeep::redis {
namespace {

using namespace std::chrono_literals;
using Requests = std::vector<std::vector<std::string>>;

// How long a forgotten head may sleep and still find that its cluster was deleted: by the epoch.
constexpr auto memory = 24h;

// The lease is held for as long as a clean-up may take, and not for longer: a cluster that is made
// anew with a storage namespace of its document's own waits for it.
constexpr auto lease_time = 30s;
constexpr char cleaner[] =
    "clean-up";  // instead of a pod's UID: a second clean-up goes on where the first ended

constexpr auto patience = 5s;  // for one batch
constexpr char keys_per_scan[] = "1000";

/// One pass over the keys: removes them, or counts them as left. False when the time was up.
awaitable<bool> scan(Connection& connection, Keyspace keys, bool remove, Cleaned& cleaned,
                     Deadline until) {
  auto& clock = connection.stream().clock();
  std::string cursor = "0";
  do {
    if (until.passed(clock)) co_return false;
    auto page =
        co_await connection.ask({"SCAN", cursor, "MATCH", keys.pattern(), "COUNT", keys_per_scan},
                                Deadline::after(clock, patience));
    if (page.is_error() || page.elements.size() != 2)
      throw refusal(page, "SCAN", connection.peer());
    cursor = page.elements[0].text;
    // Each key by itself: one UNLINK of many must not cross the slots of a Redis Cluster.
    Requests removals;
    for (auto& key : page.elements[1].elements) {
      if (key.text == keys.epoch() || key.text == keys.lease()) continue;
      removals.push_back({"UNLINK", std::move(key.text)});
    }
    if (!remove) {
      cleaned.left += removals.size();
    } else if (!removals.empty()) {
      auto replies =
          co_await connection.ask_all(std::move(removals), Deadline::after(clock, patience));
      for (const auto& reply : replies) {
        if (reply.is_error()) throw refusal(reply, "UNLINK", connection.peer());
        cleaned.removed += static_cast<std::uint64_t>(reply.integer);
      }
    }
  } while (cursor != "0");
  co_return true;
}

}  // namespace

awaitable<Cleaned> clean_up(boost::asio::any_io_executor executor, const Clock& clock,
                            Upstream upstream, std::string storage_namespace, Deadline until) {
  auto connection = co_await connect(executor, clock, std::move(upstream), until);
  auto scripts = co_await load_scripts(*connection, until);
  Keyspace keys(std::move(storage_namespace));
  Claim claim{.pod_uid = cleaner, .holder_name = "raykeep", .ttl = lease_time};
  Acquired acquired;
  while (!acquired.taken) {
    acquired =
        co_await acquire_lease(*connection, scripts, keys, claim, Deadline::after(clock, patience));
    if (acquired.taken) break;
    if (until.passed(clock)) {
      auto token = parse_token(acquired.holder);
      co_return Cleaned{.held_by = token.pod_uid + " " + token.holder_name};
    }
    co_await net::pause(
        std::clamp<Duration>(std::min(acquired.expires_in, until.left(clock)), 5ms, 500ms));
  }
  Cleaned cleaned;
  bool whole = co_await scan(*connection, keys, true, cleaned, until);
  // SCAN may miss what came while it went. Counting takes no longer than the deadline allows
  // either, or a moment more.
  Deadline counted{std::max(until.at, clock.now() + 1s)};
  bool all = co_await scan(*connection, keys, false, cleaned, counted);
  cleaned.complete = whole && all && cleaned.left == 0;
  auto ms = std::to_string(std::chrono::milliseconds(memory).count());
  auto kept = co_await connection->ask({"SET", keys.epoch(), acquired.token, "PX", ms},
                                       Deadline::after(clock, patience));
  if (kept.is_error()) throw refusal(kept, "SET of the epoch", connection->peer());
  co_return cleaned;
}

}  // namespace raykeep::redis
