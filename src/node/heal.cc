// One daemon lost or hung, with the rest of the node's Ray well.
//
// The GCS: its port is back 0.1 to 0.6 s after it was started again (Ray 2.41 to 2.60), raylets and
// workers reconnect by themselves. So the first restart is immediate, and so is every one that
// follows a life in which it was good; delays are for what dies before it ever answered.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "node/step.h"

namespace raykeep::node {
namespace {

using std::chrono::milliseconds;

/// `failed` starts never came good; `short_lives` were good for a moment. The latter shows that a
/// start works at least, so it is waited for less.
Duration pause_before_restart(int failed, int short_lives, int free_lives) {
  constexpr std::array steps{milliseconds(0),     milliseconds(200),  milliseconds(500),
                             milliseconds(1000),  milliseconds(2000), milliseconds(5000),
                             milliseconds(10000), milliseconds(30000)};
  auto at = [&](int n, int most) {
    return steps[static_cast<std::size_t>(std::clamp(n, 0, most))];
  };
  return std::max(at(failed, steps.size() - 1), at(short_lives - free_lives, 5));
}

}  // namespace

/// Follows one daemon's comings and goings.
void Step::remember(Daemon daemon) {
  auto& memory = memory_.of(daemon);
  const auto& seen = seen_.of(daemon);
  if (seen.there) {
    memory.wanted = memory.up = true;
    if (!memory.good_since && came_good(daemon)) {
      memory.good_since = now_;
      memory.failed = 0;
      memory.killed.reset();
      if (memory.down_since && memory_.phase == Phase::running) {
        act({.verb = Verb::recovered,
             .daemon = daemon,
             .reason = fmt::format("it is good again after {}", seconds(now_ - *memory.down_since)),
             .took = now_ - *memory.down_since});
      }
      memory.down_since.reset();
    }
    if (memory.good_since && now_ - *memory.good_since >= limits_.settled) memory.short_lives = 0;
    return;
  }
  if (!memory.up) return;
  memory.up = false;
  if (!memory.down_since) memory.down_since = now_;
  if (memory.good_since) {
    bool at_once = now_ - *memory.good_since < limits_.short_life;
    memory.short_lives = at_once ? memory.short_lives + 1 : 0;
    memory.patience_from = now_;
  } else if (memory.started) {
    ++memory.failed;
  }
  memory.good_since.reset();
  memory.not_before =
      now_ + pause_before_restart(memory.failed, memory.short_lives, limits_.short_lives);
}

/// Whether the process that runs now has answered since it was started.
bool Step::came_good(Daemon daemon) const {
  const auto& memory = memory_.of(daemon);
  Instant began = memory.started.value_or(memory_.born);
  auto since_then = [&](const std::optional<Instant>& answered) {
    return answered && *answered > began;
  };
  switch (daemon) {
    case Daemon::gcs:
      return since_then(seen_.gcs_health.good) && seen_.gcs_health.good_now;
    case Daemon::raylet:
      return since_then(seen_.raylet_health.good) && seen_.raylet_health.good_now;
    case Daemon::dashboard:
      return !config_.dashboard || since_then(seen_.dashboard.alive);
    default:
      return !memory.started || now_ - *memory.started >= limits_.short_life;
  }
}

std::string Step::silence(const ProbeSeen& probe, Instant started, Duration patience,
                          std::optional<Instant> excused_until) const {
  if (probe.silent < limits_.silent_tries || !probe.silent_since || *probe.silent_since <= started)
    return "";
  Duration lasted = now_ - std::max(*probe.silent_since, excused_until.value_or(started));
  return lasted >= patience ? fmt::format("no answer for {} ({})", seconds(lasted), probe.text)
                            : "";
}

std::string Step::hang_of(Daemon daemon) const {
  const auto& seen = seen_.of(daemon);
  const auto& memory = memory_.of(daemon);
  if (!seen.there) return "";
  if (seen.stopped_since && now_ - *seen.stopped_since >= limits_.stopped)
    return fmt::format("stopped by a signal for {}", seconds(now_ - *seen.stopped_since));
  if (!memory.good_since) return "";
  Instant started = *memory.good_since;
  switch (daemon) {
    case Daemon::gcs: {
      // One that cannot be restarted alone takes the cluster's state with it.
      bool alone = config_.gcs_in_place && seen_.storage != Storage::memory;
      auto text = silence(seen_.gcs_health, started,
                          alone ? limits_.gcs_silent : limits_.raylet_silent, {});
      // A GCS that waits for its storage may not answer this; that is no fault of its own.
      if (text.empty() && !storage_is_away())
        text = silence(seen_.gcs_alive, started, limits_.gcs_stuck, memory_.storage_back);
      return text;
    }
    case Daemon::raylet:
      return silence(seen_.raylet_health, started, limits_.raylet_silent, {});
    case Daemon::dashboard:
      return config_.dashboard ? silence(seen_.dashboard, started, limits_.dashboard_silent, {})
                               : "";
    default:
      return "";
  }
}

bool Step::storage_is_away() const { return config_.road && !seen_.road.connected; }

bool Step::heal_gcs() {
  auto& memory = memory_.of(Daemon::gcs);
  if (!memory.wanted) return false;  // the user's command started Ray without one
  if (seen_.of(Daemon::gcs).there) {
    auto hang = hang_of(Daemon::gcs);
    if (!hang.empty() && (!memory.killed || now_ - *memory.killed >= std::chrono::seconds(2))) {
      if (!memory.down_since) memory.down_since = now_;
      memory.killed = now_;
      act({.verb = Verb::kill_daemon, .daemon = Daemon::gcs, .reason = hang});
    }
    if (!memory.good_since && storage_is_away()) memory.patience_from = now_;
    if (!memory.good_since && memory.started && now_ - memory.patience_from > limits_.gcs_start) {
      restart_ray(fmt::format("the GCS did not come good in {}", seconds(limits_.gcs_start)));
      return true;
    }
    return false;
  }
  std::string why_not;
  if (!config_.gcs_in_place)
    why_not = "this Ray does not take a restarted one back";
  else if (seen_.storage == Storage::memory)
    why_not = "its tables went with it";
  else if (!seen_.of(Daemon::gcs).kept)
    why_not = "its command line was never seen";
  else if (memory.failed >= limits_.gcs_starts)
    why_not = fmt::format("{} restarts did not come good", memory.failed);
  else if (now_ - memory.patience_from > limits_.gcs_start && !storage_is_away())
    why_not = fmt::format("it did not come good in {}", seconds(limits_.gcs_start));
  if (!why_not.empty()) {
    restart_ray(fmt::format("the GCS is gone and cannot be restarted alone: {}", why_not));
    return true;
  }
  if (auto missing = missing_to_start(); !missing.empty()) {
    memory.patience_from = now_;
    memory_.why = fmt::format("the GCS is gone; it {}", missing);
    return false;
  }
  memory_.why = "Ray runs";
  if (now_ < memory.not_before) return false;
  memory.started = now_;
  memory.up = true;
  act({.verb = Verb::start_daemon,
       .daemon = Daemon::gcs,
       .reason = memory.killed        ? "it was killed because it hung"
                 : memory.failed == 0 ? "it is gone"
                                      : fmt::format("it is gone; try {}", memory.failed + 1)});
  return false;
}

/// A helper never takes Ray with it: a cluster without its dashboard serves, a restarted one would
/// not for a while.
void Step::heal_helper(Daemon daemon) {
  auto& memory = memory_.of(daemon);
  const auto& seen = seen_.of(daemon);
  if (!memory.wanted) return;
  if (seen.there) {
    auto hang = hang_of(daemon);
    if (hang.empty() && !memory.good_since && memory.started &&
        now_ - *memory.started > limits_.helper_start)
      hang = fmt::format("it did not come good in {}", seconds(limits_.helper_start));
    if (hang.empty() || (memory.killed && now_ - *memory.killed < std::chrono::seconds(2))) return;
    if (!memory.down_since) memory.down_since = now_;
    memory.killed = now_;
    act({.verb = Verb::kill_daemon, .daemon = daemon, .reason = hang});
    return;
  }
  if (!seen.kept || now_ < memory.not_before) return;
  memory.started = now_;
  memory.up = true;
  act({.verb = Verb::start_daemon,
       .daemon = daemon,
       .reason = memory.failed == 0 ? "it is gone"
                                    : fmt::format("it is gone; try {}", memory.failed + 1)});
}

}  // namespace raykeep::node
