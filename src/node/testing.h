// For tests of the agent's mind: a node in which all is well, to be spoilt in one respect.
#pragma once

#include <string>

#include <fmt/format.h>

#include "node/decide.h"

namespace raykeep::node::testing {

using namespace std::chrono_literals;

/// A node, its memory and the time. Starts at second 1000, Ray running since second 900 and asked
/// about a moment ago.
struct World {
  Config config;
  Memory memory;
  Observed seen;
  Instant now = Instant() + 1000s;

  /// Decides once, remembers, and gives the actions as text, one a line.
  std::string decide_once() {
    auto decision = decide(config, memory, seen, now);
    memory = decision.next;
    std::string out;
    for (const auto& action : decision.actions)
      out += (out.empty() ? "" : "\n") + to_string(action);
    return out;
  }
  Readiness ready() const { return readiness(config, memory, seen, now); }
  void pass(Duration time) { now += time; }

  void good(ProbeSeen& probe) const { note(probe, true, true, "", now, now); }
  void silent(ProbeSeen& probe, Duration since, int times = 10) const {
    for (int i = 0; i < times; ++i) note(probe, false, false, "no answer", now - since, now);
  }
  /// Everything that is asked answered well just now.
  void all_good() {
    good(seen.gcs_health);
    good(seen.gcs_alive);
    good(seen.raylet_health);
    if (config.dashboard) good(seen.dashboard);
    if (config.serve) good(seen.serve);
  }
  void gone(Daemon daemon) { seen.of(daemon).there = false; }
  void there(Daemon daemon) { seen.of(daemon).there = seen.of(daemon).kept = true; }
};

/// A head with Redis behind the road, with a dashboard, or a worker that the GCS lists.
inline World well(Role role) {
  World world;
  bool head = role == Role::head;
  world.config = {.role = role, .road = head, .dashboard = head};
  auto& seen = world.seen;
  seen.command = CommandSeen::ended;
  seen.storage = head ? Storage::redis : Storage::unknown;
  seen.processes = 20;
  seen.others = head ? 19 : 20;
  if (head) seen.road = {.connected = true, .lease_held = true};
  seen.opinion = Opinion::alive;
  seen.opinion_since = world.now - 90s;
  for (Daemon daemon : all_daemons) {
    bool here = head ? true : daemon == Daemon::raylet || daemon == Daemon::log_monitor;
    if (!here) continue;
    world.there(daemon);
    auto& memory = world.memory.of(daemon);
    memory.wanted = memory.up = true;
    memory.good_since = world.now - 90s;
  }
  world.memory.phase = Phase::running;
  world.memory.since = world.memory.born = world.now - 100s;
  world.memory.why = "Ray runs";
  world.memory.registered = true;
  world.all_good();
  return world;
}

}  // namespace raykeep::node::testing
