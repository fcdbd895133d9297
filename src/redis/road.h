// The head's only road to Redis: a RESP proxy on loopback which Ray's GCS takes for Redis itself.
//
// It holds the cluster's lease beside the GCS data and makes each of Ray's writes one atomic step
// with the check "the store is still mine", so that a head that was paused, partitioned or replaced
// cannot write. While Redis is away it holds Ray's requests and answers its PINGs, and carries on
// afterwards; a write whose reply was lost is never applied twice. Ray needs no password, no TLS
// and no Sentinel: RAY_REDIS_ADDRESS=127.0.0.1:PORT is all.
//
// Not thread-safe: everything runs on the executor's one thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "base/clock.h"
#include "redis/health.h"
#include "redis/options.h"

namespace raykeep::redis {

struct RoadOptions {
  int listen_port = 6399;  // on 127.0.0.1; 0: any free one, see Road::port()
  Upstream upstream = {};
  std::string storage_namespace = {};  // RAY_external_storage_namespace: keys begin with RAY<it>@
  std::string pod_uid = {};  // who we are in the lease: the same pod may take its own lease at once
  std::string holder_name = {};  // a pod's name, for whoever reads the lease in a log; may be empty

  /// How long Redis may be away before Ray is told, by closing its connections.
  Duration hold = std::chrono::seconds(90);

  /// How long after our last renewal another head may take over. Renewed ten times as often.
  Duration lease_ttl = std::chrono::seconds(10);

  /// Told, in a sentence, what a person would want to find in the log. May be empty.
  std::function<void(const std::string&)> log = {};
};

/// How writes are made atomic with the check of the epoch. Decided at each connect.
enum class FenceMode {
  unknown,      // never connected yet
  script,       // EVALSHA
  transaction,  // WATCH/MULTI/EXEC: scripting is refused there. Slower, the same guarantee
};

struct Lease {
  bool held = false;  // by us; false too when it could not be renewed for so long that another may
                      // have taken it
  std::uint64_t epoch = 0;  // ours, once acquired; grows with each take-over
  std::string holder = {};  // who has it when we wait for it: pod uid, and name where known
  bool operator==(const Lease&) const = default;
};

struct RoadCounters {
  std::uint64_t forwarded = 0;  // requests sent to Redis
  std::uint64_t answered = 0;   // requests answered by ourselves (PING)
  std::uint64_t held = 0;       // requests that came while Redis was away
  std::uint64_t repeated = 0;   // requests sent again because their reply was lost
  std::uint64_t refused =
      0;  // connections closed or refused because of the hold's limit or the fence
  std::uint64_t reconnects = 0;  // connections to Redis made after the first
  bool operator==(const RoadCounters&) const = default;
};

struct RoadState {
  bool connected = false;                  // Redis answers, as seen by the lease's own connection
  std::optional<Instant> away_since = {};  // set while it does not; the hold counts from here
  bool refusing = false;  // away for longer than the hold: nobody listens for Ray now
  Lease lease = {};
  FenceMode fence_mode = FenceMode::unknown;

  /// Another head holds the store: for good. Ray's connections are closed; end the GCS.
  bool fenced = false;

  /// Redis came back without the fence's keys, so without Ray's data too. We carry on with an empty
  /// store.
  std::optional<Instant> storage_lost = {};

  int connections = 0;  // Ray's, now
  RoadCounters counters = {};
  std::string last_error = {};  // the latest failure's text; stays after recovery
  bool needs_mending = false;   // which waiting does not end: password, certificate, rights, shards
  std::string server = {};      // "10.1.2.3:6379, Redis 7.0.15", of the latest connect
  std::vector<Concern> concerns = {};  // what a person should mend there, as of the latest look
  bool operator==(const RoadState&) const = default;
};

class Road {
 public:
  /// Binds the port. Throws Failure::invalid when it is taken or an option cannot be.
  /// The clock must outlive the road.
  Road(boost::asio::any_io_executor executor, const Clock& clock, RoadOptions options);

  /// Stops everything that still runs.
  ~Road();
  Road(const Road&) = delete;

  int port() const;

  /// Keeps the road. Ends only when this head is fenced, after all of Ray's connections are closed;
  /// or when cancelled (throws Failure::cancelled or Asio's operation_aborted). What Redis and the
  /// network do never leaves here: it is in state().
  boost::asio::awaitable<void> run();

  RoadState state() const;

  /// Gives the lease back, so that another head need not wait for it to expire; call it once Ray
  /// has stopped. Ray's connections are closed first and nothing is written any more. Never throws
  /// but for cancellation: when Redis cannot be asked in time, the lease runs out by itself.
  boost::asio::awaitable<void> release(Deadline until);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

/// "script", "transaction", "unknown": for status and metrics.
std::string to_string(FenceMode mode);

}  // namespace raykeep::redis
