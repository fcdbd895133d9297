// What the agent knows about its node at one moment: the input of decide(). Values only, so that a
// test can write down any situation.
#pragma once

#include <array>
#include <optional>
#include <string>

#include "base/clock.h"
#include "node/daemon.h"

namespace raykeep::node {

struct DaemonSeen {
  bool there = false;  // a living process of ours (a zombie is none)
  bool kept = false;   // we hold its command line and environment, so we can start it again
  std::optional<Instant> stopped_since = {};  // state T: somebody sent SIGSTOP

  bool operator==(const DaemonSeen&) const = default;
};

/// The answers to one kind of question, up to now.
struct ProbeSeen {
  bool good_now = false;                     // the latest answer was good
  std::optional<Instant> good = {};          // when the latest good answer came
  std::optional<Instant> alive = {};         // when it last answered anything at all
  std::optional<Instant> silent_since = {};  // when the first of the unanswered questions was asked
  int silent = 0;                            // how many are unanswered in a row
  std::string text = {};                     // what was wrong with the latest; empty when good

  bool operator==(const ProbeSeen&) const = default;
};

/// Notes one more answer. `alive`: it answered, whatever; `good`: it is well. A question asked
/// before the process it meets was started says nothing about it: leave it out.
void note(ProbeSeen& probe, bool alive, bool good, std::string text, Instant asked,
          Instant answered);

/// What the GCS thinks of this node.
enum class Opinion { unknown, alive, dead };

struct RoadSeen {
  bool connected = false;
  std::optional<Instant> away_since = {};
  bool lease_held = false;
  std::string lease_holder = {};  // who has it while we wait
  bool fenced = false;            // for good: another head holds the store
  std::string problem = {};       // the latest error, while it is away

  bool operator==(const RoadSeen&) const = default;
};

struct CertificateSeen {
  bool held = false;         // one that is valid now
  std::string problem = {};  // of the latest attempt to get one

  bool operator==(const CertificateSeen&) const = default;
};

enum class CommandSeen { not_started, running, ended };

enum class DrainSeen {
  not_asked,
  asked,     // no answer yet
  accepted,  // the GCS sends no new work, the raylet leaves when it is idle
  failed,
};

struct Observed {
  CommandSeen command = CommandSeen::not_started;  // the one that starts Ray
  int command_code = 0;                            // once ended; 128 + n for signal n
  std::array<DaemonSeen, daemon_count> daemons = {};
  int processes = 0;  // all that descend from us
  int others = 0;     // of these, all but the GCS

  Storage storage = Storage::unknown;  // of the GCS that is (or was last) there
  ProbeSeen gcs_health = {};           // head: the local GCS; worker: the head's
  ProbeSeen gcs_alive = {};            // CheckAlive: the GCS's own event loop
  ProbeSeen raylet_health = {};
  ProbeSeen dashboard = {};     // head only
  ProbeSeen serve = {};         // the Serve proxy, where asked for
  bool serve_draining = false;  // its latest answer was that it drains
  bool serve_slow = false;      // it listens, and did not answer the latest question in time
  int serve_connections = 0;    // to it, from other machines; counted once we were told to stop
  Opinion opinion = Opinion::unknown;
  std::optional<Instant> opinion_since = {};  // since when without a break
  RoadSeen road = {};
  CertificateSeen certificate = {};

  int stop_signals = 0;  // SIGTERM or SIGINT so far
  DrainSeen drain = DrainSeen::not_asked;
  bool released = false;  // the lease was given back, or could not be in time

  const DaemonSeen& of(Daemon daemon) const { return daemons[static_cast<std::size_t>(daemon)]; }
  DaemonSeen& of(Daemon daemon) { return daemons[static_cast<std::size_t>(daemon)]; }
};

}  // namespace raykeep::node
