// What the agent tells about itself: Prometheus metrics and a status as JSON. Pure: text from
// values.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "doc/json.h"
#include "node/decide.h"
#include "node/identity.h"
#include "node/options.h"
#include "node/probes.h"
#include "node/tls_listener.h"
#include "redis/road.h"

namespace raykeep::node {

/// Everything that is counted, since the agent began.
struct Counters {
  std::array<std::uint64_t, daemon_count> restarts = {};  // alone, in place
  std::array<std::uint64_t, daemon_count> hangs = {};     // found and killed
  std::array<Duration, daemon_count> outage_last = {};    // from the loss to good again
  std::array<Duration, daemon_count> outage_all = {};
  std::array<std::uint64_t, daemon_count> outages = {};
  std::uint64_t ray_starts = 0;
  std::uint64_t reaped = 0;
};

/// What the agent itself costs.
struct Cost {
  double cpu_seconds = 0;
  std::uint64_t resident_bytes = 0;
};

struct Report {
  std::string version = {};  // Raykeep's
  const Options& options;
  const Memory& memory;
  const Observed& seen;
  const Readiness& ready;
  const Counters& counters;
  const Probes* probes = nullptr;
  std::optional<redis::RoadState> road = {};
  std::optional<IdentityState> identity = {};
  std::vector<TlsPortState> tls = {};
  Cost cost = {};
  Instant began = {};
  Instant now = {};
};

/// Text exposition format 0.0.4. Names: raykeep_node_*.
std::string metrics(const Report& report);

/// For people and for the controller: phase, readiness, what is there, the road and its fence.
doc::Value status(const Report& report);

}  // namespace raykeep::node
