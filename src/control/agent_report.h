// What the head's agent tells of its node: which store the GCS writes to, behind which fence, what
// was healed.
#pragma once

#include <string>
#include <vector>

#include "control/observe.h"

namespace raykeep::control {

/// The agent's /status, read. Counts are since the container began.
struct AgentReport {
  std::string reason;  // why the head is not ready, or what makes it so
  std::string
      store_problem;  // why its Redis does not serve it now; empty when it does, or has none
  bool store_needs_mending = false;  // which waiting does not end
  std::string storage;               // "memory", "redis", "rocksdb", "unknown"
  std::string fence;  // how writes are checked: "script", "transaction"; empty without a road
  std::int64_t epoch = 0;
  std::int64_t gcs_restarts = 0;
  double gcs_last_outage_seconds = 0;
  std::vector<std::string> warnings;  // each with its remedy
  bool operator==(const AgentReport&) const = default;
};

/// Reads what the agent answered.
AgentReport read_agent_report(const doc::Value& told);

/// The port of the agent in a pod; 0: the pod has none.
int agent_port_of(const doc::Value& pod);

/// The running head's pod with an agent, and the agent's port; nullptr: there is none.
const doc::Value* head_with_agent(const Observed& observed, int& port);

/// What the agent of a pod answers on /status, at most `patience` later; null when it cannot be
/// asked.
awaitable<doc::Value> ask_agent_of(const Access& access, std::string ns, std::string pod, int port,
                                   Duration patience);

/// Fills observed.agent, at most `patience` later. Not being able to ask is no failure: the pod's
/// own readiness says what matters, and observed.agent stays null.
awaitable<void> ask_agent(const Access& access, Observed& observed,
                          Duration patience = std::chrono::seconds(2));

}  // namespace raykeep::control
