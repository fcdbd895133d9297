// One moment each: what is decided about a node in which all is well but for one thing.
#include "node/decide.h"

#include <functional>

#include <gtest/gtest.h>

#include "node/testing.h"

namespace raykeep::node {
namespace {

using namespace testing;

struct Row {
  std::string name;
  Role role;
  std::function<void(World&)> change;
  std::string actions;    // one a line
  Phase phase;            // afterwards
  std::string readiness;  // "ready" or why not, after the decision
};

const auto head = Role::head;
const auto worker = Role::worker;

/// A worker that has no Ray yet.
void fresh_worker(World& w) {
  World empty;
  w.memory = {};
  w.memory.since = w.now - 10s;
  w.seen = empty.seen;
}

void fresh_head(World& w) {
  fresh_worker(w);
  w.seen.road = {.connected = true, .lease_held = true};
}

const std::vector<Row> rows{
    // Nothing to do.
    {"a head in which all is well", head, [](World&) {}, "", Phase::running, "ready"},
    {"a worker in which all is well", worker, [](World&) {}, "", Phase::running, "ready"},
    {"a worker whose head is away serves on", worker,
     [](World& w) {
       w.silent(w.seen.gcs_alive, 300s, 60);
       w.silent(w.seen.gcs_health, 300s, 60);
     },
     "", Phase::running, "ready"},
    {"a node without the helpers that it never had", head,
     [](World& w) {
       w.gone(Daemon::client_server);
       w.memory.of(Daemon::client_server) = {};
     },
     "", Phase::running, "ready"},
    {"a command that runs on after Ray was started", head,
     [](World& w) { w.seen.command = CommandSeen::running; }, "", Phase::running, "ready"},

    // The GCS.
    {"the GCS died", head, [](World& w) { w.gone(Daemon::gcs); },
     "start_daemon gcs_server: it is gone", Phase::running, "the GCS is being restarted"},
    {"the GCS died for the fifth time, each after a good life", head,
     [](World& w) {
       w.gone(Daemon::gcs);
       w.memory.of(Daemon::gcs).started = w.now - 4s;
       w.memory.of(Daemon::gcs).good_since = w.now - 3s;
       w.memory.of(Daemon::gcs).short_lives = 4;
     },
     "start_daemon gcs_server: it is gone", Phase::running, "the GCS is being restarted"},
    {"the GCS died right after its tenth short life", head,
     [](World& w) {
       w.gone(Daemon::gcs);
       w.memory.of(Daemon::gcs).good_since = w.now - 1s;
       w.memory.of(Daemon::gcs).short_lives = 10;
     },
     "", Phase::running, "the GCS is being restarted"},
    {"the GCS died in its first restart, before it was good", head,
     [](World& w) {
       w.gone(Daemon::gcs);
       auto& m = w.memory.of(Daemon::gcs);
       m.good_since.reset();
       m.started = m.down_since = m.patience_from = w.now - 1s;
     },
     "", Phase::running, "the GCS is being restarted"},
    {"the pause after that is over", head,
     [](World& w) {
       w.gone(Daemon::gcs);
       auto& m = w.memory.of(Daemon::gcs);
       m = {.wanted = true,
            .started = w.now - 2s,
            .down_since = w.now - 2s,
            .patience_from = w.now - 2s,
            .not_before = w.now,
            .failed = 1};
     },
     "start_daemon gcs_server: it is gone; try 2", Phase::running, "the GCS is being restarted"},
    {"the GCS died with its tables", head,
     [](World& w) {
       w.gone(Daemon::gcs);
       w.seen.storage = Storage::memory;
     },
     "clear: the GCS is gone and cannot be restarted alone: its tables went with it",
     Phase::clearing, "the GCS is gone and cannot be restarted alone: its tables went with it"},
    {"the GCS died and its tables are in RocksDB", head,
     [](World& w) {
       w.gone(Daemon::gcs);
       w.seen.storage = Storage::rocksdb;
       w.config.road = false;
     },
     "start_daemon gcs_server: it is gone", Phase::running, "the GCS is being restarted"},
    {"the GCS of a Ray that takes no restarted one back died", head,
     [](World& w) {
       w.gone(Daemon::gcs);
       w.config.gcs_in_place = false;
     },
     "clear: the GCS is gone and cannot be restarted alone: this Ray does not take a restarted one "
     "back",
     Phase::clearing,
     "the GCS is gone and cannot be restarted alone: this Ray does not take a restarted one back"},
    {"the GCS died before its command line was read", head,
     [](World& w) {
       w.gone(Daemon::gcs);
       w.seen.of(Daemon::gcs).kept = false;
     },
     "clear: the GCS is gone and cannot be restarted alone: its command line was never seen",
     Phase::clearing,
     "the GCS is gone and cannot be restarted alone: its command line was never seen"},
    {"five restarts of the GCS did not come good", head,
     [](World& w) {
       w.gone(Daemon::gcs);
       auto& m = w.memory.of(Daemon::gcs);
       m = {.wanted = true,
            .started = w.now - 1s,
            .down_since = w.now - 20s,
            .patience_from = w.now - 20s,
            .failed = 5};
     },
     "clear: the GCS is gone and cannot be restarted alone: 5 restarts did not come good",
     Phase::clearing,
     "the GCS is gone and cannot be restarted alone: 5 restarts did not come good"},
    {"a restarted GCS runs and does not come good", head,
     [](World& w) {
       w.silent(w.seen.gcs_health, 61s);
       auto& m = w.memory.of(Daemon::gcs);
       m = {.wanted = true,
            .up = true,
            .started = w.now - 61s,
            .down_since = w.now - 61s,
            .patience_from = w.now - 61s};
     },
     "clear: the GCS did not come good in 60 s", Phase::clearing,
     "the GCS did not come good in 60 s"},
    {"the same, but it waits for Redis", head,
     [](World& w) {
       w.silent(w.seen.gcs_health, 61s);
       w.seen.road.connected = false;
       w.seen.road.away_since = w.now - 61s;
       auto& m = w.memory.of(Daemon::gcs);
       m = {.wanted = true,
            .up = true,
            .started = w.now - 61s,
            .down_since = w.now - 61s,
            .patience_from = w.now - 61s};
     },
     "", Phase::running, "the GCS is not well: no answer"},
    {"the GCS died while Redis is away", head,
     [](World& w) {
       w.gone(Daemon::gcs);
       w.seen.road = {.away_since = w.now - 90s, .lease_held = true, .problem = "refused"};
     },
     "", Phase::running, "the GCS is gone; it waits for Redis: refused"},
    {"the GCS died while the lease is not ours", head,
     [](World& w) {
       w.gone(Daemon::gcs);
       w.seen.road = {.connected = true, .lease_holder = "pod-2"};
     },
     "", Phase::running, "the GCS is gone; it waits for the head's lease, which pod-2 holds"},
    {"the GCS is back", head,
     [](World& w) {
       auto& m = w.memory.of(Daemon::gcs);
       m = {.wanted = true,
            .up = true,
            .started = w.now - 500ms,
            .down_since = w.now - 600ms,
            .patience_from = w.now - 600ms};
     },
     "recovered gcs_server: it is good again after 0.6 s", Phase::running, "ready"},
    {"the GCS runs again, and the only good answer is its predecessor's", head,
     [](World& w) {
       auto& m = w.memory.of(Daemon::gcs);
       m = {.wanted = true,
            .up = true,
            .started = w.now,
            .down_since = w.now,
            .patience_from = w.now};
     },
     "", Phase::running, "the GCS has not answered yet"},
    {"the GCS was stopped by a signal", head,
     [](World& w) { w.seen.of(Daemon::gcs).stopped_since = w.now - 2s; },
     "kill_daemon gcs_server: stopped by a signal for 2 s", Phase::running, "ready"},
    {"the GCS was stopped a moment ago", head,
     [](World& w) { w.seen.of(Daemon::gcs).stopped_since = w.now - 1900ms; }, "", Phase::running,
     "ready"},
    {"the GCS is silent for long enough", head,
     [](World& w) { w.silent(w.seen.gcs_health, 5s, 3); },
     "kill_daemon gcs_server: no answer for 5 s (no answer)", Phase::running, "ready"},
    {"the GCS is silent, but it was asked twice only: we were starved", head,
     [](World& w) { w.silent(w.seen.gcs_health, 20s, 2); }, "", Phase::running, "ready"},
    {"the GCS is silent for a moment", head, [](World& w) { w.silent(w.seen.gcs_health, 3s, 3); },
     "", Phase::running, "ready"},
    {"the GCS's health is good and its event loop stands still", head,
     [](World& w) { w.silent(w.seen.gcs_alive, 30s, 6); },
     "kill_daemon gcs_server: no answer for 30 s (no answer)", Phase::running, "ready"},
    {"the same while Redis is away", head,
     [](World& w) {
       w.silent(w.seen.gcs_alive, 30s, 6);
       w.seen.road.connected = false;
       w.seen.road.away_since = w.now - 5s;
     },
     "", Phase::running, "ready"},
    {"a hung GCS that was killed and is not gone yet is not killed at once again", head,
     [](World& w) {
       w.silent(w.seen.gcs_health, 6s, 5);
       w.memory.of(Daemon::gcs).killed = w.now - 1s;
     },
     "", Phase::running, "ready"},
    {"a killed GCS is started again", head,
     [](World& w) {
       w.gone(Daemon::gcs);
       w.memory.of(Daemon::gcs).killed = w.now - 10ms;
       w.memory.of(Daemon::gcs).down_since = w.now - 10ms;
     },
     "start_daemon gcs_server: it was killed because it hung", Phase::running,
     "the GCS is being restarted"},
    {"the answers about the GCS are old", head, [](World& w) { w.pass(7s); }, "", Phase::running,
     "the raylet has not answered yet"},

    // Helpers.
    {"the dashboard died", head, [](World& w) { w.gone(Daemon::dashboard); },
     "start_daemon dashboard: it is gone", Phase::running, "the dashboard has not answered yet"},
    {"the dashboard was stopped by a signal", head,
     [](World& w) { w.seen.of(Daemon::dashboard).stopped_since = w.now - 3s; },
     "kill_daemon dashboard: stopped by a signal for 3 s", Phase::running, "ready"},
    {"the dashboard is silent", head, [](World& w) { w.silent(w.seen.dashboard, 60s); },
     "kill_daemon dashboard: no answer for 60 s (no answer)", Phase::running, "ready"},
    {"the dashboard is silent for less than its patience", head,
     [](World& w) { w.silent(w.seen.dashboard, 59s); }, "", Phase::running, "ready"},
    {"the dashboard answers that it cannot reach the GCS", head,
     [](World& w) {
       w.pass(7s);
       w.all_good();
       w.seen.dashboard = {};
       note(w.seen.dashboard, true, false, "503", w.now, w.now);
     },
     "", Phase::running, "the dashboard is not well: 503"},
    {"a restarted dashboard does not come good", head,
     [](World& w) {
       w.seen.dashboard = {};
       w.silent(w.seen.dashboard, 91s);
       w.memory.of(Daemon::dashboard) = {
           .wanted = true, .up = true, .started = w.now - 91s, .down_since = w.now - 91s};
     },
     "kill_daemon dashboard: it did not come good in 90 s", Phase::running,
     "the dashboard is not well: no answer"},
    {"the dashboard died before it was good, many times: Ray stays", head,
     [](World& w) {
       w.gone(Daemon::dashboard);
       w.memory.of(Daemon::dashboard) = {.wanted = true,
                                         .up = true,
                                         .started = w.now - 1s,
                                         .down_since = w.now - 91s,
                                         .failed = 40};
     },
     "", Phase::running, "the dashboard has not answered yet"},
    {"a worker's log monitor died", worker, [](World& w) { w.gone(Daemon::log_monitor); },
     "start_daemon log_monitor: it is gone", Phase::running, "ready"},
    {"autoscaler and client server died", head,
     [](World& w) {
       w.gone(Daemon::monitor);
       w.gone(Daemon::client_server);
     },
     "start_daemon monitor: it is gone\nstart_daemon client_server: it is gone", Phase::running,
     "ready"},
    {"a helper whose command line was never seen", head,
     [](World& w) {
       w.gone(Daemon::monitor);
       w.seen.of(Daemon::monitor).kept = false;
     },
     "", Phase::running, "ready"},
    {"GCS and dashboard died together", head,
     [](World& w) {
       w.gone(Daemon::gcs);
       w.gone(Daemon::dashboard);
     },
     "start_daemon gcs_server: it is gone\nstart_daemon dashboard: it is gone", Phase::running,
     "the GCS is being restarted"},

    // The raylet.
    {"the raylet died", worker, [](World& w) { w.gone(Daemon::raylet); },
     "clear: the raylet is gone", Phase::clearing, "the raylet is gone"},
    {"GCS and raylet died together", head,
     [](World& w) {
       w.gone(Daemon::gcs);
       w.gone(Daemon::raylet);
     },
     "clear: the raylet is gone", Phase::clearing, "the raylet is gone"},
    {"the raylet was stopped by a signal", worker,
     [](World& w) { w.seen.of(Daemon::raylet).stopped_since = w.now - 2s; },
     "clear: the raylet hangs: stopped by a signal for 2 s", Phase::clearing,
     "the raylet hangs: stopped by a signal for 2 s"},
    {"the raylet is silent", worker, [](World& w) { w.silent(w.seen.raylet_health, 30s); },
     "clear: the raylet hangs: no answer for 30 s (no answer)", Phase::clearing,
     "the raylet hangs: no answer for 30 s (no answer)"},
    {"the raylet is silent for less than its patience", worker,
     [](World& w) {
       w.pass(7s);
       w.silent(w.seen.raylet_health, 20s);
     },
     "", Phase::running, "the raylet is not well: no answer"},
    {"the user's command failed after Ray was started", head,
     [](World& w) { w.seen.command_code = 2; }, "clear: the command that started Ray ended with 2",
     Phase::clearing, "the command that started Ray ended with 2"},
    {"a zombie: the GCS takes the node for dead", worker,
     [](World& w) {
       w.seen.opinion = Opinion::dead;
       w.seen.opinion_since = w.now - 3s;
     },
     "clear: the GCS takes this node for dead while its raylet runs", Phase::clearing,
     "the GCS takes this node for dead while its raylet runs"},
    {"the GCS says so since a moment", worker,
     [](World& w) {
       w.seen.opinion = Opinion::dead;
       w.seen.opinion_since = w.now - 1s;
     },
     "", Phase::running, "the GCS takes this node for dead"},
    {"a node that the GCS does not know yet is no zombie", worker,
     [](World& w) {
       w.seen.opinion = Opinion::dead;
       w.seen.opinion_since = w.now - 10s;
       w.memory.registered = false;
     },
     "", Phase::running, "the GCS does not list this node yet"},
    {"a node whose token the GCS refuses says so", worker,
     [](World& w) {
       w.seen.opinion = Opinion::unknown;
       w.memory.registered = false;
       note(w.seen.gcs_alive, true, false, "token refused", w.now, w.now);
     },
     "", Phase::running, "the GCS does not list this node yet: token refused"},

    // The road and the fence.
    {"Redis is away for a moment", head,
     [](World& w) {
       w.seen.road = {.away_since = w.now - 9s, .lease_held = true, .problem = "refused"};
     },
     "", Phase::running, "ready"},
    {"Redis is away for longer", head,
     [](World& w) {
       w.seen.road = {.away_since = w.now - 12s, .lease_held = true, .problem = "refused"};
     },
     "", Phase::running, "Redis is away for 12 s, changes wait: refused"},
    {"the lease lapsed", head, [](World& w) { w.seen.road.lease_held = false; }, "", Phase::running,
     "the head's lease is not ours: changes wait"},
    {"another head holds the store", head, [](World& w) { w.seen.road.fenced = true; },
     "clear: another head holds the store", Phase::ending, "another head holds the store"},

    // Serve.
    {"a worker with a good Serve proxy", worker,
     [](World& w) {
       w.config.serve = true;
       w.good(w.seen.serve);
     },
     "", Phase::running, "ready"},
    {"a worker without a Serve proxy", worker,
     [](World& w) {
       w.config.serve = true;
       w.silent(w.seen.serve, 100s);
     },
     "", Phase::running, "ready"},
    {"a worker that must have a Serve proxy and has none", worker,
     [](World& w) {
       w.config.serve = w.config.serve_required = true;
       w.silent(w.seen.serve, 100s);
     },
     "", Phase::running, "the Serve proxy is not well: no answer"},
    {"a Serve proxy that drains", worker,
     [](World& w) {
       w.config.serve = true;
       note(w.seen.serve, true, false, "This node is being drained.", w.now, w.now);
     },
     "", Phase::running, "the Serve proxy is not well: This node is being drained."},
    {"a Serve proxy that was here and is gone", worker,
     [](World& w) {
       w.config.serve = true;
       w.good(w.seen.serve);
       w.pass(10s);
       w.good(w.seen.raylet_health);
       w.silent(w.seen.serve, 8s);
     },
     "", Phase::running, "the Serve proxy is not well: no answer"},
    {"a Serve proxy that has moved away", worker,
     [](World& w) {
       w.config.serve = true;
       w.good(w.seen.serve);
       w.pass(61s);
       w.good(w.seen.raylet_health);
       w.silent(w.seen.serve, 60s);
     },
     "", Phase::running, "ready"},
    {"a Serve proxy of an earlier life of Ray", worker,
     [](World& w) {
       w.config.serve = true;
       note(w.seen.serve, true, true, "", w.memory.born - 5s, w.memory.born - 5s);
       w.silent(w.seen.serve, 20s);
     },
     "", Phase::running, "ready"},

    // Waiting and starting.
    {"a worker without a head waits", worker, fresh_worker, "", Phase::waiting,
     "waits for the GCS"},
    {"a worker says why it waits", worker,
     [](World& w) {
       fresh_worker(w);
       w.silent(w.seen.gcs_health, 5s);
     },
     "", Phase::waiting, "waits for the GCS: no answer"},
    {"a worker whose head answers", worker,
     [](World& w) {
       fresh_worker(w);
       w.good(w.seen.gcs_health);
     },
     "start_ray: the node has no Ray yet", Phase::starting, "Ray is starting"},
    {"a worker whose head answered a while ago", worker,
     [](World& w) {
       fresh_worker(w);
       w.good(w.seen.gcs_health);
       w.pass(7s);
     },
     "", Phase::waiting, "waits for the GCS"},
    {"a head with its store", head, fresh_head, "start_ray: the node has no Ray yet",
     Phase::starting, "Ray is starting"},
    {"a head without a road", head,
     [](World& w) {
       fresh_worker(w);
       w.config.road = false;
     },
     "start_ray: the node has no Ray yet", Phase::starting, "Ray is starting"},
    {"a head whose Redis does not answer", head,
     [](World& w) {
       fresh_worker(w);
       w.seen.road.problem = "connection refused";
     },
     "", Phase::waiting, "waits for Redis: connection refused"},
    {"a head whose predecessor holds the lease", head,
     [](World& w) {
       fresh_worker(w);
       w.seen.road = {.connected = true, .lease_holder = "uid-1"};
     },
     "", Phase::waiting, "waits for the head's lease, which uid-1 holds"},
    {"a head that is fenced before it began", head,
     [](World& w) {
       fresh_worker(w);
       w.seen.road.fenced = true;
     },
     "end 1: another head holds the store", Phase::ended, "another head holds the store"},
    {"told to stop while waiting", worker,
     [](World& w) {
       fresh_worker(w);
       w.seen.stop_signals = 1;
     },
     "end 0: told to stop before Ray was started", Phase::ended,
     "it is stopping: told to stop before Ray was started"},
    {"a pause before the next life", worker,
     [](World& w) {
       fresh_worker(w);
       w.good(w.seen.gcs_health);
       w.memory.not_before = w.now + 1s;
       w.memory.why = "again: the raylet is gone";
     },
     "", Phase::waiting, "again: the raylet is gone"},
    {"the pause is over", worker,
     [](World& w) {
       fresh_worker(w);
       w.good(w.seen.gcs_health);
       w.memory.not_before = w.now;
       w.memory.why = "again: the raylet is gone";
     },
     "start_ray: the node's Ray is gone: the raylet is gone", Phase::starting, "Ray is starting"},
};

TEST(Decide, OneThingAtATime) {
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    World world = well(row.role);
    row.change(world);
    EXPECT_EQ(world.decide_once(), row.actions);
    EXPECT_EQ(name_of(world.memory.phase), name_of(row.phase));
    auto ready = world.ready();
    EXPECT_EQ(ready.ready ? "ready" : ready.why, row.readiness);
    EXPECT_EQ(world.decide_once(), "") << "asked again, it must not repeat itself";
  }
}

}  // namespace
}  // namespace raykeep::node
