// How a cluster is: a pure function of what was observed, as a value that is printed as text or
// JSON.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "control/agent_report.h"
#include "control/diagnose.h"
#include "control/observe.h"
#include "control/status_report.h"

namespace raykeep::control {

struct PodStatus {
  std::string name;
  std::string stage;  // "ready", "pulling image", "CrashLoopBackOff", ...
  bool ready = false;
  std::string node;
  std::string ip;
  std::string image;  // the Ray container's
  std::int64_t restarts = 0;
  std::chrono::seconds age{};
};

/// The head or one worker group: what was wanted of it and what is there.
struct GroupStatus {
  std::string name;    // "head", or the worker group's
  std::string object;  // "StatefulSet demo-head"
  std::int64_t desired = 0;
  std::int64_t ready = 0;
  std::int64_t updated = 0;  // pods of the newest revision
  bool settled = false;  // Kubernetes has carried out the newest revision and every pod is ready
  std::vector<PodStatus> pods;
};

enum class State {
  ready,      // everything wanted is there and ready
  starting,   // on its way, and nothing is known to stand in it
  troubled,   // something is wrong: see troubles
  suspended,  // no pod wanted, none there
  removing,   // being deleted
};
std::string_view to_string(State state);

struct ClusterStatus {
  std::string name;
  std::string ns;
  std::string ray_version;  // as the stored document says; may be empty
  State state = State::starting;
  bool has_owner = false;  // false: applied from rendered files, with no stored document
  std::chrono::seconds age{};
  std::vector<GroupStatus> groups;  // the head first
  std::vector<Diagnosis> troubles;
  std::optional<AgentReport> agent;         // of the head, where it could be asked
  std::vector<StoredCondition> conditions;  // as the controller wrote them; empty without one
  std::vector<std::string> warnings;        // true, but nothing to be mended now
  std::string certificates;  // how long those of the nodes last; empty: they have none
};

ClusterStatus status_of(const Observed& observed);

/// Every group settled. A cluster without a head is not.
bool is_settled(const ClusterStatus& status);

/// One line for a group on its way: "1/3 ready; demo-worker-a-x: pulling image".
std::string progress_of(const GroupStatus& group);

}  // namespace raykeep::control
