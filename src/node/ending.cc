// After SIGTERM, or when nothing helps: leave in good order.
#include <fmt/format.h>

#include "node/step.h"

namespace raykeep::node {

void Step::drain() {
  std::string done;
  bool left_endpoints = !seen_.serve.good_now || in_phase() >= limits_.leave;
  bool asked = memory_.step == 1 && seen_.drain != DrainSeen::failed;
  if (seen_.stop_signals > 1)
    done = "told to stop twice";
  else if (!seen_.of(Daemon::raylet).there)
    done = "the raylet has left";
  else if (in_phase() >= config_.drain)
    done = fmt::format("{} are over", seconds(config_.drain));
  else if (seen_.drain == DrainSeen::failed && left_endpoints)
    done = "the GCS cannot be asked";
  else if (!asked && left_endpoints)
    done = "there is nothing to drain";
  if (!done.empty()) begin_end(fmt::format("told to stop; {}", done), 0);
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
