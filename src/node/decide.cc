#include "node/decide.h"

#include <fmt/format.h>

#include "node/step.h"

namespace raykeep::node {

std::string_view name_of(Phase phase) {
  switch (phase) {
    case Phase::waiting:
      return "waiting";
    case Phase::starting:
      return "starting";
    case Phase::running:
      return "running";
    case Phase::clearing:
      return "clearing";
    case Phase::draining:
      return "draining";
    case Phase::ending:
      return "ending";
    case Phase::ended:
      return "ended";
  }
  return "";
}

std::string_view name_of(Verb verb) {
  switch (verb) {
    case Verb::start_ray:
      return "start_ray";
    case Verb::start_daemon:
      return "start_daemon";
    case Verb::kill_daemon:
      return "kill_daemon";
    case Verb::clear:
      return "clear";
    case Verb::drain:
      return "drain";
    case Verb::terminate:
      return "terminate";
    case Verb::terminate_gcs:
      return "terminate_gcs";
    case Verb::release:
      return "release";
    case Verb::end:
      return "end";
    case Verb::recovered:
      return "recovered";
  }
  return "";
}

std::string to_string(const Action& action) {
  bool of_daemon = action.verb == Verb::start_daemon || action.verb == Verb::kill_daemon ||
                   action.verb == Verb::recovered;
  std::string out(name_of(action.verb));
  if (of_daemon) out += fmt::format(" {}", name_of(action.daemon));
  if (action.verb == Verb::end) out += fmt::format(" {}", action.code);
  return fmt::format("{}: {}", out, action.reason);
}

std::string seconds(Duration duration) {
  auto tenths = std::chrono::duration_cast<std::chrono::milliseconds>(duration).count() / 100;
  if (tenths >= 100 || tenths % 10 == 0) return fmt::format("{} s", tenths / 10);
  return fmt::format("{}.{} s", tenths / 10, tenths % 10);
}

Decision decide(const Config& config, const Memory& memory, const Observed& seen, Instant now) {
  return Step(config, memory, seen, now).run();
}

void Step::enter(Phase phase, std::string why) {
  memory_.phase = phase;
  memory_.since = now_;
  memory_.why = std::move(why);
  memory_.step = 0;
  memory_.step_since = now_;
  memory_.acted.reset();
}

Decision Step::run() {
  // A phase that ends at once lets the next begin in the same decision: a restart costs no tick.
  for (int i = 0; i < 8; ++i) {
    Phase before = memory_.phase;
    switch (memory_.phase) {
      case Phase::waiting:
        wait();
        break;
      case Phase::starting:
        start();
        break;
      case Phase::running:
        keep();
        break;
      case Phase::clearing:
        clear();
        break;
      case Phase::draining:
        drain();
        break;
      case Phase::ending:
        end();
        break;
      case Phase::ended:
        break;
    }
    // What was just begun has to be seen before more is decided.
    if (memory_.phase == before || memory_.phase == Phase::starting) break;
  }
  return {std::move(memory_), std::move(actions_)};
}

}  // namespace raykeep::node
