// Redis goes and comes; Ray must not notice, up to the hold.
#include <gtest/gtest.h>

#include "redis/testing_road.h"

namespace raykeep::redis {
namespace {

using namespace testing;
using namespace std::chrono_literals;

TEST(RoadOutage, HoldsRequestsWhileRedisRestarts) {
  for (auto mode : {FenceMode::script, FenceMode::transaction}) {
    RoadFixture f({.mode = mode});
    EXPECT_EQ(f.ask({"INCRBY", "RAYtest@C", "1"}), number(1));
    f.server.kill();
    ASSERT_TRUE(f.world.until([&] { return f.state().away_since.has_value(); }));
    auto heartbeat = f.world.dial(f.port());
    Asking held(f.world, *f.ray,
                {{"INCRBY", "RAYtest@C", "1"}, {"PING"}, {"HSET", "RAYtest@KV", "a", "1"}});
    for (int i = 0; i < 10; ++i) {
      EXPECT_EQ(f.world.ask(*heartbeat, {"PING"}), pong);
      f.world.pass(20ms);
    }
    EXPECT_FALSE(held.done());
    EXPECT_FALSE(f.state().connected);
    f.server.start();
    EXPECT_EQ(held.replies(), (std::vector{number(2), pong, number(1)})) << held.failure();
    auto state = f.state();
    EXPECT_TRUE(state.connected);
    EXPECT_FALSE(state.away_since);
    EXPECT_FALSE(state.storage_lost);
    EXPECT_EQ(state.lease.epoch, 1U);
    EXPECT_GE(state.counters.held, 2U);
    EXPECT_GE(state.counters.reconnects, 1U);
    EXPECT_TRUE((*f.road).logged("Redis is away")) << to_string(mode);
    EXPECT_TRUE((*f.road).logged("Redis answers again")) << to_string(mode);
  }
}

TEST(RoadOutage, HoldsRequestsWhileRedisHangs) {
  RoadFixture f;
  EXPECT_EQ(f.ask({"INCRBY", "RAYtest@C", "1"}), number(1));
  f.server.freeze();
  Asking held(f.world, *f.ray, {{"INCRBY", "RAYtest@C", "1"}});
  auto heartbeat = f.world.dial(f.port());
  ASSERT_TRUE(f.world.until([&] { return f.state().away_since.has_value(); }));
  EXPECT_EQ(f.world.ask(*heartbeat, {"PING"}), pong);
  f.server.thaw();
  EXPECT_EQ(held.replies(), (std::vector{number(2)}));
  EXPECT_EQ(f.direct({"GET", "RAYtest@C"}), text("2"));
}

TEST(RoadOutage, ClosesRaysConnectionsBeyondTheHoldAndComesBackAfterwards) {
  RoadFixture f({.change = [](RoadOptions& o) { o.hold = 500ms; }});
  EXPECT_EQ(f.ask({"INCRBY", "RAYtest@C", "1"}), number(1));
  f.server.kill();
  Asking held(f.world, *f.ray, {{"INCRBY", "RAYtest@C", "1"}});
  ASSERT_TRUE(f.world.until([&] { return held.done(); }));
  EXPECT_TRUE(held.failure().contains("closed")) << held.failure();
  ASSERT_TRUE(f.world.until([&] { return f.state().refusing && f.state().connections == 0; }));
  EXPECT_GE(f.state().counters.refused, 1U);
  EXPECT_TRUE((*f.road).logged("longer than the hold"));
  EXPECT_THROW(f.world.dial(f.port()), Failure);
  f.server.start();
  ASSERT_TRUE(f.world.until([&] { return !f.state().refusing; }));
  auto ray = f.world.dial(f.port());
  EXPECT_EQ(f.world.ask(*ray, {"INCRBY", "RAYtest@C", "1"}), number(2));
}

TEST(RoadOutage, ClosesALaneThatRedisNeverServes) {
  // The lease's connection is well, but what Ray asks is refused for as long as the hold lasts.
  RoadFixture f({.change = [](RoadOptions& o) { o.hold = 600ms; }});
  EXPECT_EQ(f.ask({"HSET", "RAYtest@KV", "a", "1"}), number(1));
  f.direct({"CONFIG", "SET", "min-replicas-to-write", "3"});
  Asking held(f.world, *f.ray, {{"HSET", "RAYtest@KV", "a", "2"}});
  ASSERT_TRUE(f.world.until([&] { return held.done(); }));
  EXPECT_TRUE(held.failure().contains("closed")) << held.failure();
  EXPECT_TRUE(f.state().last_error.contains("NOREPLICAS")) << f.state().last_error;
  EXPECT_EQ(f.direct({"HGET", "RAYtest@KV", "a"}), text("1"));
}

TEST(RoadOutage, WaitsOutWhatPasses) {
  for (auto mode : {FenceMode::script, FenceMode::transaction}) {
    RoadFixture f({.mode = mode});
    EXPECT_EQ(f.ask({"HSET", "RAYtest@KV", "a", "1"}), number(1));
    f.direct({"CONFIG", "SET", "maxmemory", "1"});
    Asking held(f.world, *f.ray, {{"HSET", "RAYtest@KV", "b", "2"}, {"INCRBY", "RAYtest@C", "1"}});
    ASSERT_TRUE(f.world.until([&] { return f.state().last_error.contains("OOM"); }))
        << to_string(mode);
    EXPECT_FALSE(held.done());
    f.direct({"CONFIG", "SET", "maxmemory", "0"});
    EXPECT_EQ(held.replies(), (std::vector{number(1), number(1)})) << to_string(mode);
  }
}

TEST(RoadOutage, LoadsItsScriptsAgainWhenRedisForgotThem) {
  RoadFixture f;
  EXPECT_EQ(f.ask({"INCRBY", "RAYtest@C", "1"}), number(1));
  f.direct({"SCRIPT", "FLUSH"});
  EXPECT_EQ(f.ask({"INCRBY", "RAYtest@C", "1"}), number(2));
}

TEST(RoadOutage, CarriesOnWithoutItsDataAndSaysSo) {
  for (auto mode : {FenceMode::script, FenceMode::transaction}) {
    RoadFixture f({.mode = mode});
    EXPECT_EQ(f.ask({"INCRBY", "RAYtest@C", "1"}), number(1));
    EXPECT_FALSE(f.state().storage_lost);
    f.server.lose_data();
    Asking held(f.world, *f.ray, {{"INCRBY", "RAYtest@C", "5"}});
    f.server.start();
    EXPECT_EQ(held.replies(), (std::vector{number(5)}));
    EXPECT_TRUE(f.state().storage_lost);
    EXPECT_FALSE(f.state().fenced);
    EXPECT_EQ(f.state().lease.epoch, 1U);
    EXPECT_TRUE(f.direct({"GET", "RAYtest@RAYKEEP:EPOCH"}).text.starts_with("1:uid-1:"));
  }
}

TEST(RoadOutage, PutsAFlushedFenceBack) {
  RoadFixture f;
  EXPECT_EQ(f.ask({"INCRBY", "RAYtest@C", "1"}), number(1));
  f.direct({"FLUSHALL"});
  EXPECT_EQ(f.ask({"INCRBY", "RAYtest@C", "5"}), number(5));
  EXPECT_TRUE(f.state().storage_lost);
}

TEST(RoadOutage, TellsWhatAPersonMustMend) {
  RoadFixture f({.server_options = {"maxmemory-policy allkeys-lru"}});
  EXPECT_EQ(f.ask({"INCRBY", "RAYtest@C", "1"}), number(1));
  ASSERT_EQ(f.state().concerns.size(), 1U);
  EXPECT_EQ(f.state().concerns[0].name, "EvictsKeys");
  EXPECT_TRUE((*f.road).logged("set maxmemory-policy to noeviction"));
  EXPECT_FALSE(f.state().needs_mending);
  f.server.kill();
  ASSERT_TRUE(f.world.until([&] { return f.state().away_since.has_value(); }));
  EXPECT_FALSE(f.state().needs_mending) << f.state().last_error;
}

TEST(RoadOutage, TakesUpARotatedPassword) {
  RoadFixture f;
  EXPECT_EQ(f.ask({"INCRBY", "RAYtest@C", "1"}), number(1));
  f.direct({"ACL", "SETUSER", "ray", "resetpass", ">new"});
  f.relay.cut();
  ASSERT_TRUE(f.world.until([&] { return f.state().last_error.contains("WRONGPASS"); }));
  EXPECT_FALSE(f.state().last_error.contains("sesame"));
  EXPECT_TRUE(f.state().needs_mending);
  f.server.folder().write("password", "new\n");
  EXPECT_EQ(f.ask({"INCRBY", "RAYtest@C", "1"}), number(2));
}

TEST(RoadOutage, SurvivesFiftyCuts) {
  for (auto mode : {FenceMode::script, FenceMode::transaction}) {
    RoadFixture f({.mode = mode});
    for (int i = 1; i <= 50; ++i) {
      std::vector<std::vector<std::string>> requests(20, {"INCRBY", "RAYtest@C", "1"});
      Asking asking(f.world, *f.ray, requests);
      for (int turns = 0; turns < i % 25; ++turns) f.world.loop.run_one_for(1ms);
      f.relay.cut();
      auto replies = asking.replies();
      ASSERT_EQ(replies.size(), 20U) << asking.failure();
      ASSERT_EQ(replies.back(), number(20 * i));
    }
    EXPECT_GT(f.state().counters.reconnects, 20U);
  }
}

}  // namespace
}  // namespace raykeep::redis
