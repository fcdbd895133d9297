// After SIGTERM, or when nothing helps: leave in good order.
#include <fmt/format.h>

#include "node/step.h"

namespace raykeep::node {

/// Those who balance requests had time to forget this node, and nobody is connected to its Serve
/// proxy any more. One without a proxy has nobody to wait for.
bool Step::is_left() const {
  const bool proxy = seen_.serve.alive && *seen_.serve.alive > memory_.born;
  return !proxy || (in_phase() >= limits_.leave && seen_.serve_connections == 0);
}

void Step::drain() {
  std::string done;
  const bool left = is_left();
  bool asked = memory_.step == 1 && seen_.drain != DrainSeen::failed;
  if (seen_.stop_signals > 1)
    done = "told to stop twice";
  else if (!seen_.of(Daemon::raylet).there)
    done = "the raylet has left";
  else if (in_phase() >= config_.drain)
    done = fmt::format("{} are over", seconds(config_.drain));
  else if (seen_.drain == DrainSeen::failed && left)
    done = "the GCS cannot be asked";
  else if (!asked && left)
    done = "there is nothing to drain";
  if (!done.empty()) return begin_end(fmt::format("told to stop; {}", done), 0);
  // A GCS that comes back can still have the replicas moved.
  if (memory_.step == 1 && seen_.drain == DrainSeen::failed &&
      now_ - memory_.step_since >= limits_.ask_again) {
    act({.verb = Verb::drain, .reason = "told to stop; the GCS could not be asked before"});
    next_step(1);
  }
}

void Step::begin_end(const std::string& reason, int code) {
  memory_.exit_code = code;
  enter(Phase::ending, reason);
}

/// No courtesies: what is left is killed now.
void Step::end_at_once(const std::string& reason) {
  act({.verb = Verb::clear, .reason = reason});
  begin_end(reason, 1);
  next_step(3);
  memory_.acted = now_;
}

void Step::next_step(int step) {
  memory_.step = step;
  memory_.step_since = now_;
}

void Step::end() {
  Duration in_step = now_ - memory_.step_since;
  if (memory_.step == 0) {
    if (seen_.others > 0) act({.verb = Verb::terminate, .reason = memory_.why});
    next_step(1);
    in_step = {};
  }
  if (memory_.step == 1) {
    if (seen_.others > 0 && in_step < limits_.terminate) return;
    // Last of all: the raylet takes its leave from the GCS.
    if (seen_.of(Daemon::gcs).there) act({.verb = Verb::terminate_gcs, .reason = memory_.why});
    next_step(2);
    in_step = {};
  }
  if (memory_.step == 2) {
    if (seen_.of(Daemon::gcs).there && in_step < limits_.terminate_gcs) return;
    next_step(3);
    in_step = {};
  }
  if (memory_.step == 3) {
    if (seen_.processes > 0 && in_step < limits_.clear) {
      if (!memory_.acted || now_ - *memory_.acted >= std::chrono::seconds(1)) {
        memory_.acted = now_;
        act({.verb = Verb::clear, .reason = "processes are left"});
      }
      return;
    }
    // Never while a GCS might still write.
    bool give_back =
        config_.road && seen_.road.lease_held && !seen_.road.fenced && seen_.processes == 0;
    if (give_back) act({.verb = Verb::release, .reason = "Ray has stopped"});
    next_step(give_back ? 4 : 5);
    in_step = {};
  }
  if (memory_.step == 4) {
    if (!seen_.released && in_step < limits_.release) return;
    next_step(5);
  }
  std::string why = memory_.why;
  act({.verb = Verb::end, .reason = why, .code = memory_.exit_code});
  enter(Phase::ended, why);
}

}  // namespace raykeep::node
