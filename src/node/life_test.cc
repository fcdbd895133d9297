// Sequences: a node's Ray through its lives, and a simulation of many nodes with bad luck.
#include <gtest/gtest.h>

#include <random>

#include "node/testing.h"

namespace raykeep::node {
namespace {

using namespace testing;

/// Ray has come up: its daemons are there and good.
void come_up(World& w) {
  w.seen.command = CommandSeen::ended;
  w.seen.command_code = 0;
  w.seen.processes = 20;
  w.seen.others = w.config.role == Role::head ? 19 : 20;
  w.there(Daemon::raylet);
  w.there(Daemon::log_monitor);
  if (w.config.role == Role::head) {
    w.there(Daemon::gcs);
    w.there(Daemon::dashboard);
    w.seen.storage = Storage::redis;
  }
  w.pass(1s);
  w.all_good();
  w.seen.opinion = Opinion::alive;
  w.seen.opinion_since = w.now;
}

void all_gone(World& w) {
  w.seen.daemons = {};
  w.seen.processes = w.seen.others = 0;
}

World new_worker() {
  World w;
  w.config.role = Role::worker;
  w.good(w.seen.gcs_health);
  EXPECT_EQ(w.decide_once(), "start_ray: the node has no Ray yet");
  w.seen.command = CommandSeen::running;
  return w;
}

TEST(Life, BeginsWithTheCommandAndRunsOnceAllIsGood) {
  World w = new_worker();
  EXPECT_EQ(w.decide_once(), "");
  come_up(w);
  w.seen.command = CommandSeen::running;
  w.seen.raylet_health = {};
  EXPECT_EQ(w.decide_once(), "");
  EXPECT_EQ(w.ready().why, "Ray is starting");
  w.pass(1s);
  w.all_good();
  EXPECT_EQ(w.decide_once(), "");
  EXPECT_EQ(w.memory.phase, Phase::running);
  w.seen.command = CommandSeen::ended;
  EXPECT_EQ(w.decide_once(), "");
  EXPECT_TRUE(w.ready().ready);
}

TEST(Life, FailedStartsWaitLongerEachTimeAndEndTheContainerAtLast) {
  World w = new_worker();
  std::vector<int> pauses;
  for (int i = 0; i < 7; ++i) {
    w.seen.command = CommandSeen::ended;
    w.seen.command_code = 3;
    w.seen.processes = 1;
    EXPECT_EQ(w.decide_once(), "clear: the command that starts Ray ended with 3");
    all_gone(w);
    int waited = 0;
    for (; w.memory.phase != Phase::starting && waited < 100; ++waited) {
      auto actions = w.decide_once();
      if (w.memory.phase == Phase::starting) {
        EXPECT_EQ(actions,
                  "start_ray: the node's Ray is gone: the command that starts Ray ended with 3");
        break;
      }
      w.pass(1s);
      w.good(w.seen.gcs_health);
    }
    pauses.push_back(waited);
  }
  w.seen.processes = 1;
  EXPECT_EQ(pauses, (std::vector{1, 2, 4, 8, 16, 30, 30}));
  EXPECT_EQ(w.decide_once(), "clear: the command that starts Ray ended with 3");
  all_gone(w);
  EXPECT_EQ(
      w.decide_once(),
      "end 3: 8 lives of Ray in a row ended at once, the last because the command that starts "
      "Ray ended with 3");
}

TEST(Life, AHeadThatGoesAwayDuringAStartIsNoCrashLoop) {
  World w = new_worker();
  for (int i = 0; i < 20; ++i) {
    w.seen.command = CommandSeen::ended;
    w.seen.command_code = 1;
    w.silent(w.seen.gcs_health, 1s);
    EXPECT_EQ(w.decide_once(), "clear: the command that starts Ray ended with 1");
    all_gone(w);
    EXPECT_EQ(w.decide_once(), "");
    EXPECT_EQ(w.ready().why, "waits for the GCS: no answer");
    w.pass(1s);
    w.good(w.seen.gcs_health);
    EXPECT_TRUE(w.decide_once().starts_with("start_ray: ")) << i;
  }
}

TEST(Life, AStartThatTakesTooLongIsCleared) {
  World w = new_worker();
  w.pass(5min);
  EXPECT_EQ(w.decide_once(), "");
  w.pass(1s);
  w.good(w.seen.gcs_health);
  EXPECT_EQ(w.decide_once(), "clear: Ray was not good 300 s after its start");
}

TEST(Life, AGcsThatDiesBeforeItIsSeenFailsTheStart) {
  World w;
  w.config = {.role = Role::head};
  w.decide_once();
  w.seen.command = CommandSeen::ended;
  w.there(Daemon::raylet);
  w.pass(1s);
  w.good(w.seen.raylet_health);
  EXPECT_EQ(w.decide_once(), "");
  w.pass(1s);
  w.good(w.seen.raylet_health);
  EXPECT_EQ(w.decide_once(), "") << "it may be about to come";
  w.pass(1s);
  w.good(w.seen.raylet_health);
  EXPECT_EQ(w.decide_once(), "clear: the raylet runs, and no GCS does");
}

TEST(Life, TheGcsDyingDuringTheStartFailsIt) {
  World w;
  w.config = {.role = Role::head};
  w.decide_once();
  w.seen.command = CommandSeen::running;
  w.there(Daemon::gcs);
  EXPECT_EQ(w.decide_once(), "");
  w.gone(Daemon::gcs);
  EXPECT_EQ(w.decide_once(), "clear: gcs_server ended during the start");
}

TEST(Life, ARayletThatDiesIsFollowedByANewLifeAtOnce) {
  World w = well(Role::worker);
  w.gone(Daemon::raylet);
  EXPECT_EQ(w.decide_once(), "clear: the raylet is gone");
  w.pass(10ms);
  EXPECT_EQ(w.decide_once(), "");
  w.pass(1s);
  EXPECT_EQ(w.decide_once(), "clear: processes are left");
  all_gone(w);
  w.good(w.seen.gcs_health);
  EXPECT_EQ(w.decide_once(), "start_ray: the node's Ray is gone: the raylet is gone");
  w.seen.command = CommandSeen::running;
  come_up(w);
  EXPECT_EQ(w.decide_once(), "");
  EXPECT_TRUE(w.ready().ready);
}

TEST(Life, WhatSettledStartsWithACleanSlate) {
  World w = well(Role::worker);
  w.memory.failed_starts = 7;
  w.gone(Daemon::raylet);
  EXPECT_EQ(w.decide_once(), "clear: the raylet is gone");
  all_gone(w);
  w.good(w.seen.gcs_health);
  EXPECT_TRUE(w.decide_once().starts_with("start_ray")) << "without a pause";
}

TEST(Life, LeftoversThatSurviveSigkillEndTheContainer) {
  World w = well(Role::worker);
  w.gone(Daemon::raylet);
  w.decide_once();
  w.pass(31s);
  EXPECT_EQ(w.decide_once(), "end 1: processes are left that SIGKILL does not end");
}

TEST(Life, TwentyKillsOfTheGcsAreTwentyImmediateRestarts) {
  World w = well(Role::head);
  for (int i = 0; i < 20; ++i) {
    w.pass(6s);
    w.all_good();
    EXPECT_EQ(w.decide_once(), "");
    w.gone(Daemon::gcs);
    EXPECT_EQ(w.decide_once(), "start_daemon gcs_server: it is gone") << i;
    w.pass(500ms);
    w.there(Daemon::gcs);
    w.all_good();
    EXPECT_EQ(w.decide_once(), "recovered gcs_server: it is good again after 0.5 s");
    EXPECT_TRUE(w.ready().ready);
  }
}

TEST(Life, AGcsThatDiesOfItsTablesIsGivenTimeAndThenAllOfRayIsRestarted) {
  World w = well(Role::head);
  int starts = 0;
  for (int i = 0; i < 1000 && w.memory.phase == Phase::running; ++i) {
    w.gone(Daemon::gcs);
    starts += w.decide_once().starts_with("start_daemon");
    w.pass(100ms);
    w.good(w.seen.raylet_health);
  }
  EXPECT_EQ(starts, 5);
  EXPECT_EQ(w.memory.why,
            "the GCS is gone and cannot be restarted alone: 5 restarts did not come good");
}

TEST(Readiness, AProxyThatMissesAQuestionStaysAndOneThatIsGoneGoes) {
  World w = well(Role::worker);
  w.config.serve = true;
  w.good(w.seen.serve);
  EXPECT_TRUE(takes_requests(w.config, w.seen, w.now));
  w.pass(4s);
  w.good(w.seen.raylet_health);
  w.silent(w.seen.serve, 2s, 1);
  w.seen.serve_slow = true;
  EXPECT_TRUE(takes_requests(w.config, w.seen, w.now));
  EXPECT_TRUE(w.ready().ready);
  w.seen.serve_slow = false;  // nobody listens
  EXPECT_FALSE(takes_requests(w.config, w.seen, w.now));
  w.seen.serve_slow = true;
  w.pass(17s);
  EXPECT_FALSE(takes_requests(w.config, w.seen, w.now)) << "it hangs";
}

TEST(Readiness, ANodeThatTakesRequestsIsNotLeftForASlowRaylet) {
  World w = well(Role::worker);
  w.config.serve = true;
  w.pass(10s);
  w.silent(w.seen.raylet_health, 8s);
  w.good(w.seen.serve);
  EXPECT_TRUE(w.ready().ready) << w.ready().why;
  w.pass(12s);  // the agent itself gets no turn
  EXPECT_TRUE(w.ready().ready) << w.ready().why;
  w.pass(10s);
  w.good(w.seen.serve);
  EXPECT_EQ(w.ready().why, "the raylet is not well: no answer");
  World idle = well(Role::worker);
  idle.config.serve = true;
  idle.pass(10s);
  idle.silent(idle.seen.raylet_health, 8s);
  EXPECT_EQ(idle.ready().why, "the raylet is not well: no answer");
}

TEST(Drain, ANodeWhoseServeProxyStillAnswersStaysReady) {
  World w = well(Role::worker);
  w.good(w.seen.serve);
  w.seen.stop_signals = 1;
  w.decide_once();
  w.seen.drain = DrainSeen::accepted;
  w.good(w.seen.serve);
  EXPECT_TRUE(w.ready().ready) << "one that is not has its open connections reset on some networks";
  w.seen.serve.good_now = false;
  w.seen.serve_draining = true;
  EXPECT_TRUE(w.ready().ready);
  w.seen.serve_draining = false;
  EXPECT_EQ(w.ready().why, "it is stopping: told to stop");
}

TEST(Drain, AWorkerAsksTheGcsAndLeavesWhenItIsEmpty) {
  World w = well(Role::worker);
  w.seen.stop_signals = 1;
  EXPECT_EQ(w.decide_once(), "drain: told to stop");
  EXPECT_EQ(w.ready().why, "it is stopping: told to stop");
  w.seen.drain = DrainSeen::accepted;
  w.pass(20s);
  EXPECT_EQ(w.decide_once(), "");
  w.gone(Daemon::raylet);
  w.seen.processes = w.seen.others = 2;
  EXPECT_EQ(w.decide_once(), "terminate: told to stop; the raylet has left");
  EXPECT_EQ(w.decide_once(), "");
  all_gone(w);
  EXPECT_EQ(w.decide_once(), "end 0: told to stop; the raylet has left");
  EXPECT_EQ(w.decide_once(), "");
}

TEST(Drain, EndsAtItsDeadline) {
  World w = well(Role::worker);
  w.seen.stop_signals = 1;
  w.decide_once();
  w.seen.drain = DrainSeen::accepted;
  w.pass(29s);
  EXPECT_EQ(w.decide_once(), "");
  w.pass(1s);
  EXPECT_EQ(w.decide_once(), "terminate: told to stop; 30 s are over");
  w.pass(8s);
  EXPECT_EQ(w.decide_once(), "clear: processes are left");
}

TEST(Drain, AGcsThatCannotBeAskedIsNotWaitedFor) {
  World w = well(Role::worker);
  w.seen.stop_signals = 1;
  w.decide_once();
  w.seen.drain = DrainSeen::asked;
  w.pass(4s);
  EXPECT_EQ(w.decide_once(), "");
  w.seen.drain = DrainSeen::failed;
  EXPECT_EQ(w.decide_once(), "terminate: told to stop; the GCS cannot be asked");
}

/// A worker's GCS cannot be asked to drain it, so only its clients are waited for.
World serving_and_told_to_stop(Role role) {
  World w = well(role);
  w.config.serve = true;
  w.good(w.seen.serve);
  w.seen.stop_signals = 1;
  w.decide_once();
  if (role == Role::worker) w.seen.drain = DrainSeen::failed;
  return w;
}

TEST(Drain, AServingNodeIsLeftByItsClientsFirst) {
  for (Role role : {Role::head, Role::worker}) {
    World w = serving_and_told_to_stop(role);
    w.seen.serve.good_now = false;  // it may be slow; that says nothing of its clients
    w.pass(1900ms);
    EXPECT_EQ(w.decide_once(), "");
    w.pass(1000ms);
    w.decide_once();
    EXPECT_EQ(w.memory.phase, Phase::draining);
    w.pass(100ms);
    EXPECT_TRUE(w.decide_once().starts_with("terminate: told to stop; "));
  }
}

TEST(Drain, AServingNodeWaitsForThoseWhoAreConnected) {
  for (Role role : {Role::head, Role::worker}) {
    World w = serving_and_told_to_stop(role);
    w.seen.serve_connections = 1;
    w.pass(10s);
    w.decide_once();
    EXPECT_EQ(w.memory.phase, Phase::draining);
    w.seen.serve_connections = 0;
    EXPECT_TRUE(w.decide_once().starts_with("terminate: told to stop; "));
  }
}

TEST(Drain, AGcsThatIsBackIsAskedAgain) {
  World w = well(Role::worker);
  w.config.serve = true;
  w.good(w.seen.serve);
  w.seen.serve_connections = 1;
  w.seen.stop_signals = 1;
  EXPECT_EQ(w.decide_once(), "drain: told to stop");
  w.seen.drain = DrainSeen::failed;
  w.pass(2s);
  EXPECT_EQ(w.decide_once(), "drain: told to stop; the GCS could not be asked before");
  EXPECT_EQ(w.decide_once(), "") << "not at once";
  w.seen.drain = DrainSeen::accepted;
  w.seen.serve_connections = 0;
  w.pass(10s);
  EXPECT_EQ(w.decide_once(), "") << "the raylet leaves when it is idle";
}

TEST(Drain, ASecondSignalMakesHaste) {
  World w = well(Role::worker);
  w.seen.stop_signals = 1;
  w.decide_once();
  w.seen.drain = DrainSeen::accepted;
  w.seen.stop_signals = 2;
  EXPECT_EQ(w.decide_once(), "terminate: told to stop; told to stop twice");
}

TEST(Ending, AHeadStopsItsGcsLastAndGivesTheLeaseBack) {
  World w = well(Role::head);
  w.seen.stop_signals = 1;
  EXPECT_EQ(w.decide_once(), "terminate: told to stop; there is nothing to drain");
  w.gone(Daemon::raylet);
  w.gone(Daemon::dashboard);
  w.seen.processes = 1;
  w.seen.others = 0;
  EXPECT_EQ(w.decide_once(), "terminate_gcs: told to stop; there is nothing to drain");
  EXPECT_EQ(w.decide_once(), "");
  all_gone(w);
  EXPECT_EQ(w.decide_once(), "release: Ray has stopped");
  EXPECT_EQ(w.decide_once(), "");
  w.seen.released = true;
  EXPECT_EQ(w.decide_once(), "end 0: told to stop; there is nothing to drain");
}

TEST(Ending, ALeaseThatCannotBeGivenBackRunsOut) {
  World w = well(Role::head);
  w.seen.stop_signals = 1;
  w.decide_once();
  all_gone(w);
  EXPECT_EQ(w.decide_once(), "release: Ray has stopped");
  w.pass(3s);
  EXPECT_EQ(w.decide_once(), "end 0: told to stop; there is nothing to drain");
}

/// A node whose processes do what they are told, with accidents at random. Checks what must never
/// be, and that all is well soon after the accidents end.
class Simulation {
 public:
  Simulation(Role role, unsigned seed) : random_(seed) {
    world_.config = {.role = role, .road = role == Role::head, .dashboard = role == Role::head};
    world_.seen.road = {.connected = true, .lease_held = true};
    head_there_ = true;
  }

  void run() {
    for (int i = 0; i < 600; ++i) tick(true);
    head_there_ = true;
    world_.seen.road = {.connected = true, .lease_held = true};
    for (int i = 0; i < 6000 && !world_.ready().ready; ++i) tick(false);
    if (world_.memory.phase != Phase::ended)
      EXPECT_TRUE(world_.ready().ready) << world_.ready().why;
  }

 private:
  bool chance(int in) { return random_() % static_cast<unsigned>(in) == 0; }
  bool is_head() const { return world_.config.role == Role::head; }

  void accident() {
    auto& seen = world_.seen;
    auto daemon = all_daemons[random_() % daemon_count];
    if (chance(12) && seen.of(daemon).there) {
      if (chance(3))
        seen.of(daemon).stopped_since = world_.now;
      else
        world_.gone(daemon);
    }
    if (chance(40)) head_there_ = !head_there_;
    if (is_head() && chance(40)) {
      bool away = seen.road.connected;
      seen.road = {.connected = !away, .lease_held = !away};
      if (away) seen.road.away_since = world_.now;
    }
    if (chance(100)) command_fails_ = !command_fails_;
  }

  void processes_run() {
    auto& seen = world_.seen;
    if (seen.command == CommandSeen::running && world_.now >= command_ends_) {
      seen.command = CommandSeen::ended;
      seen.command_code = command_fails_ || (!is_head() && !head_there_) ? 1 : 0;
      if (seen.command_code == 0) {
        world_.there(Daemon::raylet);
        world_.there(Daemon::log_monitor);
        if (is_head()) {
          for (Daemon daemon : {Daemon::gcs, Daemon::dashboard, Daemon::monitor})
            world_.there(daemon);
          seen.storage = Storage::redis;
        }
      }
    }
    seen.processes = seen.others = 0;
    for (Daemon daemon : all_daemons) {
      seen.processes += seen.of(daemon).there;
      if (daemon != Daemon::gcs) seen.others += seen.of(daemon).there;
    }
    auto answer = [&](ProbeSeen& probe, bool well) {
      note(probe, well, well, "no answer", world_.now - 10ms, world_.now);
    };
    auto runs = [&](Daemon daemon) {
      return seen.of(daemon).there && !seen.of(daemon).stopped_since;
    };
    answer(seen.gcs_health, is_head() ? runs(Daemon::gcs) : head_there_);
    answer(seen.raylet_health, runs(Daemon::raylet));
    answer(seen.dashboard, runs(Daemon::dashboard));
    if (runs(Daemon::raylet) && head_there_) seen.opinion = Opinion::alive;
  }

  void carry_out(const Action& action) {
    auto& seen = world_.seen;
    switch (action.verb) {
      case Verb::start_ray:
        EXPECT_EQ(seen.processes, 0) << "a second Ray beside the first";
        if (is_head()) EXPECT_TRUE(seen.road.lease_held) << "a GCS without the lease";
        EXPECT_FALSE(!is_head() && !head_there_) << "a start without a head";
        seen.command = CommandSeen::running;
        command_ends_ = world_.now + 5s;
        break;
      case Verb::start_daemon:
        EXPECT_FALSE(seen.of(action.daemon).there) << "a second " << name_of(action.daemon);
        if (action.daemon == Daemon::gcs) EXPECT_TRUE(seen.road.lease_held);
        if (!chance(5)) world_.there(action.daemon);
        seen.of(action.daemon).stopped_since.reset();
        break;
      case Verb::kill_daemon:
        seen.of(action.daemon) = {.kept = true};
        break;
      case Verb::clear:
        seen.daemons = {};
        if (seen.command == CommandSeen::running) seen.command = CommandSeen::ended;
        break;
      case Verb::end:
        EXPECT_EQ(world_.memory.phase, Phase::ended);
        break;
      default:
        break;
    }
  }

  void tick(bool accidents) {
    if (accidents)
      accident();
    else
      command_fails_ = false;
    processes_run();
    auto decision = decide(world_.config, world_.memory, world_.seen, world_.now);
    world_.memory = decision.next;
    for (const auto& action : decision.actions) {
      EXPECT_FALSE(action.reason.empty());
      carry_out(action);
    }
    world_.pass(200ms);
  }

  std::mt19937 random_;
  World world_;
  bool head_there_ = false;
  bool command_fails_ = false;
  Instant command_ends_ = {};
};

TEST(Life, ConvergesAfterAnyAccidents) {
  for (unsigned seed = 1; seed <= 1000; ++seed) {
    SCOPED_TRACE(seed);
    Simulation(seed % 2 ? Role::head : Role::worker, seed).run();
    if (HasFailure()) break;
  }
}

}  // namespace
}  // namespace raykeep::node
