// The agent's mind: from what is seen at one moment to what is to be done, with a reason for each
// action. Pure: no clock, no process, no socket. The order of the checks is the specification.
//
// One life of the node's Ray goes waiting -> starting -> running -> clearing -> waiting ...;
// SIGTERM leads to draining -> ending -> ended. In `running` a lost daemon is healed alone where
// that works, else all of Ray is cleared away and started anew, and when that fails again and again
// in a short time the container ends. Whatever lasts a while starts with a clean slate: delays grow
// only for what fails again at once.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "node/observed.h"

namespace raykeep::node {

enum class Role { head, worker };

/// Every patience of the agent. The defaults are what ships.
struct Limits {
  // Hung: how long a process may be silent that once answered.
  Duration stopped = std::chrono::seconds(2);         // state T; nothing else looks like that
  Duration gcs_silent = std::chrono::seconds(5);      // its gRPC health
  Duration gcs_stuck = std::chrono::seconds(30);      // CheckAlive, while health is good
  Duration raylet_silent = std::chrono::seconds(30);  // it takes all the node's work with it
  Duration dashboard_silent = std::chrono::seconds(60);
  Duration zombie = std::chrono::seconds(3);  // the GCS says without a break that we are dead
  int silent_tries = 3;  // and at least so many questions unanswered: we may have been starved, too

  // How long something that was started may take to answer.
  Duration gcs_start = std::chrono::seconds(60);
  Duration helper_start = std::chrono::seconds(90);  // dashboard and the like
  Duration ray_start = std::chrono::minutes(5);
  Duration gcs_unseen = std::chrono::seconds(2);  // on a head whose raylet is good already

  // Crash loops.
  Duration short_life = std::chrono::seconds(5);  // a daemon good for less died at once
  Duration settled = std::chrono::seconds(30);    // good for so long: a clean slate
  int gcs_starts = 5;                             // in a row that never came good, then all of Ray
  int short_lives = 20;                           // in a row without a delay
  int ray_starts = 8;  // lives of Ray in a row that did not settle, then the container

  // Ending.
  Duration leave = std::chrono::seconds(3);      // for proxies to forget us, where we serve
  Duration ask_again = std::chrono::seconds(2);  // a GCS that could not be asked to drain us
  Duration terminate = std::chrono::seconds(8);  // SIGTERM to SIGKILL
  Duration terminate_gcs = std::chrono::seconds(3);
  Duration release = std::chrono::seconds(3);
  Duration clear = std::chrono::seconds(30);  // after SIGKILL

  // Readiness.
  Duration fresh = std::chrono::seconds(6);           // how old a good answer may be
  Duration serve_slow = std::chrono::seconds(20);     // of a proxy that listens and is slow
  Duration storage_grace = std::chrono::seconds(10);  // Redis away for longer is told
  Duration serve_gone = std::chrono::seconds(60);     // a proxy not back by then was moved away
};

struct Config {
  Role role = Role::worker;
  bool road = false;            // the head's way to Redis is ours
  bool certificate = false;     // Ray is not started without one
  bool gcs_in_place = true;     // this Ray takes a restarted GCS back
  bool dashboard = false;       // readiness asks the dashboard
  bool serve = false;           // readiness asks the Serve proxy, once there is one
  bool serve_required = false;  // and is not ready without one
  Duration drain = std::chrono::seconds(30);
  Limits limits = {};
};

enum class Phase { waiting, starting, running, clearing, draining, ending, ended };

std::string_view name_of(Phase phase);

/// What is remembered of one daemon from decision to decision.
struct DaemonMemory {
  bool wanted = false;                  // it was there since Ray was started, so it is to be there
  bool up = false;                      // at the last decision, or started by it
  std::optional<Instant> started = {};  // alone, by us; nothing: by `ray start`
  std::optional<Instant> good_since = {};  // of this process
  std::optional<Instant> down_since = {};  // until it is good again
  std::optional<Instant> killed = {};      // it hung, and we killed it
  Instant patience_from = {};              // the budget of an in-place start counts from here
  Instant not_before = {};                 // the next start
  int failed = 0;                          // starts in a row that never came good
  int short_lives = 0;                     // lives in a row that were good for a moment only

  bool operator==(const DaemonMemory&) const = default;
};

struct Memory {
  Phase phase = Phase::waiting;
  Instant since = {};       // when the phase began
  Instant born = {};        // when this life of Ray was started
  Instant not_before = {};  // the next start of Ray
  std::string why = {};     // of the phase, for people
  int exit_code = 0;        // once ending
  int step = 0;             // of ending; of draining: 1 when the GCS was asked
  Instant step_since = {};
  int failed_starts = 0;                     // lives of Ray in a row that did not settle
  bool too_often = false;                    // after clearing comes the end
  bool registered = false;                   // in this life of Ray the GCS called this node alive
  bool storage_away = false;                 // Redis does not answer, at the last decision
  std::optional<Instant> storage_back = {};  // since when it does again
  std::optional<Instant> acted = {};         // a SIGKILL to all, to be repeated now and then
  std::array<DaemonMemory, daemon_count> daemons = {};

  DaemonMemory& of(Daemon daemon) { return daemons[static_cast<std::size_t>(daemon)]; }
  const DaemonMemory& of(Daemon daemon) const { return daemons[static_cast<std::size_t>(daemon)]; }
  bool operator==(const Memory&) const = default;
};

enum class Verb {
  start_ray,      // run the command
  start_daemon,   // again, alone, with its own command line and environment
  kill_daemon,    // SIGKILL: it hangs
  clear,          // SIGKILL to everything that descends from us
  drain,          // ask the GCS for no more work here
  terminate,      // SIGTERM to all but the GCS and what belongs to the raylet
  terminate_gcs,  // SIGTERM
  release,        // give the lease back
  end,            // leave with `code`
  recovered,      // nothing to do: `daemon` is good again after `took`
};

std::string_view name_of(Verb verb);

struct Action {
  Verb verb;
  Daemon daemon = Daemon::gcs;  // for start_daemon, kill_daemon, recovered
  std::string reason = {};      // a sentence without a full stop
  int code = 0;                 // for end
  Duration took = {};           // for recovered
  bool operator==(const Action&) const = default;
};

/// "start_daemon gcs_server: it is gone".
std::string to_string(const Action& action);

struct Decision {
  Memory next = {};
  std::vector<Action> actions = {};  // to be carried out in this order
};

/// Level-triggered: asked again about the same world it does not repeat itself. Requires: `memory`
/// came from the decision before, or is fresh; times do not run backwards.
Decision decide(const Config& config, const Memory& memory, const Observed& seen, Instant now);

struct Readiness {
  bool ready = false;
  std::string why = {};  // a sentence, also when ready
  bool operator==(const Readiness&) const = default;
};

/// Whether this node can do its part. A worker does not become unready because the head is away: it
/// serves on.
Readiness readiness(const Config& config, const Memory& memory, const Observed& seen, Instant now);

/// Whether the node's Serve proxy, which Serve wants to end, answers what still comes: for half a
/// minute and more (RAY_SERVE_PROXY_MIN_DRAINING_PERIOD_S).
bool still_answers(const Observed& seen);

/// Whether the node's Serve proxy takes requests: it answers well, does not drain, and the node is
/// not told to stop.
bool takes_requests(const Config& config, const Observed& seen, Instant now);

}  // namespace raykeep::node
