// One decision being made. Internal to decide: its parts are in life.cc (waiting to running),
// heal.cc (a daemon that is lost or hangs) and ending.cc.
#pragma once

#include <string>

#include "node/decide.h"

namespace raykeep::node {

class Step {
 public:
  Step(const Config& config, const Memory& memory, const Observed& seen, Instant now)
      : config_(config), limits_(config.limits), seen_(seen), now_(now), memory_(memory) {}

  Decision run();

 private:
  // life.cc
  void wait();
  void start();
  void keep();
  void clear();
  void start_failed(const std::string& reason, int code);
  void restart_ray(const std::string& reason);
  void forget_daemons();
  std::string missing_to_start() const;  // what a start of Ray has to wait for; empty: nothing

  // heal.cc
  void remember(Daemon daemon);
  bool heal_gcs();  // true when all of Ray has to go
  void heal_helper(Daemon daemon);
  std::string hang_of(Daemon daemon) const;  // why we think that it hangs; empty: we do not
  /// Why the process hangs: it has been silent for as long as `patience`, not counting the time
  /// before `excused_until`. Empty: it does not.
  std::string silence(const ProbeSeen& probe, Instant started, Duration patience,
                      std::optional<Instant> excused_until) const;
  bool came_good(Daemon daemon) const;
  bool storage_is_away() const;

  // ending.cc
  void drain();
  bool is_left() const;
  void end();
  void begin_end(const std::string& reason, int code);
  void end_at_once(const std::string& reason);
  void next_step(int step);

  void enter(Phase phase, std::string why);
  void act(Action action) { actions_.push_back(std::move(action)); }
  Duration in_phase() const { return now_ - memory_.since; }

  const Config& config_;
  const Limits& limits_;
  const Observed& seen_;
  const Instant now_;
  Memory memory_;
  std::vector<Action> actions_;
};

/// "2.5 s", "40 s".
std::string seconds(Duration duration);

}  // namespace raykeep::node
