// Two heads and one store: never two writers.
#include <gtest/gtest.h>

#include "redis/testing_road.h"

namespace raykeep::redis {
namespace {

using namespace testing;
using namespace std::chrono_literals;

const FenceMode modes[] = {FenceMode::script, FenceMode::transaction};

/// A second head with a road of its own, straight to Redis.
struct SecondHead {
  SecondHead(RoadFixture& f, std::string pod_uid) : options(f.options(std::move(pod_uid))) {
    options.upstream.addresses = {f.server.address()};
    road = std::make_unique<RunningRoad>(f.world, options);
    ray = f.world.dial((*road)->port());
  }
  RoadState state() { return (*road)->state(); }

  RoadOptions options;
  std::unique_ptr<RunningRoad> road;
  std::unique_ptr<Connection> ray;
};

TEST(RoadFence, MakesASecondHeadWaitAndSayForWhom) {
  for (auto mode : modes) {
    RoadFixture f({.mode = mode});
    EXPECT_EQ(f.ask({"INCRBY", "RAYtest@C", "1"}), number(1));
    SecondHead second(f, "uid-2");
    Asking held(f.world, *second.ray, {{"HGET", "RAYtest@KV", "a"}});
    // Longer than the lease lives: it is renewed.
    f.world.pass(1500ms);
    EXPECT_FALSE(held.done()) << "it reads what the first head still writes";
    EXPECT_FALSE(second.state().lease.held);
    EXPECT_EQ(second.state().lease.holder, "uid-1 head of uid-1");
    EXPECT_TRUE((*second.road).logged("waiting for the lease"));
    EXPECT_TRUE(f.state().lease.held);
  }
}

TEST(RoadFence, HandsOverToASecondHeadAndRefusesTheFirst) {
  for (auto mode : modes) {
    SCOPED_TRACE(to_string(mode));
    RoadFixture f({.mode = mode});
    EXPECT_EQ(f.ask({"HSET", "RAYtest@KV", "a", "1"}), number(1));
    SecondHead second(f, "uid-2");
    auto before = f.world.clock.now();
    f.relay.swallow(true);  // the first head is cut off, with a write under way
    Asking lost(f.world, *f.ray, {{"HSET", "RAYtest@KV", "a", "old"}});
    EXPECT_EQ(f.world.ask(*second.ray, {"HSET", "RAYtest@KV", "a", "2"}), number(0));
    EXPECT_GT(f.world.clock.now() - before, 700ms);
    EXPECT_EQ(second.state().lease.epoch, 2U);
    f.relay.swallow(false);
    ASSERT_TRUE(f.world.until([&] { return (*f.road).ended() && lost.done(); }));
    auto state = f.state();
    EXPECT_TRUE(state.fenced);
    EXPECT_FALSE(state.lease.held);
    EXPECT_EQ(state.connections, 0);
    EXPECT_TRUE(state.lease.holder.starts_with("uid-2")) << state.lease.holder;
    EXPECT_TRUE((*f.road).logged("fenced"));
    EXPECT_THROW(f.world.dial(f.port()), Failure);
    EXPECT_EQ(f.direct({"HGET", "RAYtest@KV", "a"}), text("2"));
    // Only the epoch of now keeps a record of writes.
    EXPECT_EQ(f.direct({"EXISTS", "RAYtest@RAYKEEP:DONE:1"}), number(0));
  }
}

TEST(RoadFence, RefusesInTheStoreAWriteThatWasOnItsWay) {
  for (auto mode : modes) {
    RoadFixture f({.mode = mode});
    EXPECT_EQ(f.ask({"HSET", "RAYtest@KV", "a", "1"}), number(1));
    // The network keeps the write; the head that sent it is replaced; then the write arrives.
    f.relay.hold_requests();
    Asking late(f.world, *f.ray, {{"HSET", "RAYtest@KV", "a", "old"}});
    f.world.pass(50ms);
    f.relay.refuse(true);
    SecondHead second(f, "uid-2");
    EXPECT_EQ(f.world.ask(*second.ray, {"HSET", "RAYtest@KV", "a", "2"}), number(0));
    f.relay.deliver_requests();
    f.world.pass(100ms);
    EXPECT_EQ(f.direct({"HGET", "RAYtest@KV", "a"}), text("2")) << to_string(mode);
  }
}

TEST(RoadFence, StopsWritingByItsOwnClockBeforeTheLeaseEnds) {
  RoadFixture f;
  EXPECT_EQ(f.ask({"HSET", "RAYtest@KV", "a", "1"}), number(1));
  f.relay.hold_replies(true);  // renewals arrive, but we cannot know
  ASSERT_TRUE(f.world.until([&] { return !f.state().lease.held; }));
  auto forwarded = f.state().counters.forwarded;
  Asking held(f.world, *f.ray, {{"HSET", "RAYtest@KV", "a", "2"}});
  f.world.pass(200ms);
  EXPECT_EQ(f.state().counters.forwarded, forwarded);
  EXPECT_EQ(f.direct({"HGET", "RAYtest@KV", "a"}), text("1"));
  f.relay.hold_replies(false);
  EXPECT_EQ(held.replies(), (std::vector{number(0)}));
}

TEST(RoadFence, TakesUpAnExpiredLeaseThatNobodyTook) {
  for (auto mode : modes) {
    RoadFixture f({.mode = mode});
    EXPECT_EQ(f.ask({"INCRBY", "RAYtest@C", "1"}), number(1));
    f.relay.swallow(true);
    ASSERT_TRUE(
        f.world.until([&] { return f.direct({"EXISTS", "RAYtest@RAYKEEP:LEASE"}) == number(0); }));
    f.relay.swallow(false);
    EXPECT_EQ(f.ask({"INCRBY", "RAYtest@C", "1"}), number(2));
    EXPECT_EQ(f.state().lease.epoch, 1U);
    EXPECT_FALSE(f.state().fenced);
    EXPECT_FALSE(f.state().storage_lost);
  }
}

TEST(RoadFence, LetsTheSamePodTakeItsLeaseAtOnce) {
  for (auto mode : modes) {
    RoadFixture f({.mode = mode});
    EXPECT_EQ(f.ask({"INCRBY", "RAYtest@C", "1"}), number(1));
    f.relay.swallow(true);  // the container is gone, the lease is not
    auto before = f.world.clock.now();
    SecondHead again(f, "uid-1");
    EXPECT_EQ(f.world.ask(*again.ray, {"INCRBY", "RAYtest@C", "1"}), number(2));
    EXPECT_LT(f.world.clock.now() - before, 600ms);
    EXPECT_EQ(again.state().lease.epoch, 2U);
  }
}

TEST(RoadFence, GivesTheLeaseBack) {
  for (auto mode : modes) {
    RoadFixture f({.mode = mode});
    EXPECT_EQ(f.ask({"INCRBY", "RAYtest@C", "1"}), number(1));
    f.world.run([](Road& road, Deadline until) -> boost::asio::awaitable<bool> {
      co_await road.release(until);
      co_return true;
    }(**f.road, f.world.ample()));
    EXPECT_EQ(f.direct({"EXISTS", "RAYtest@RAYKEEP:LEASE"}), number(0)) << to_string(mode);
    EXPECT_EQ(f.direct({"EXISTS", "RAYtest@RAYKEEP:EPOCH"}), number(1));
    EXPECT_FALSE(f.state().lease.held);
    ASSERT_TRUE(f.world.until([&] { return (*f.road).ended(); }));
    SecondHead second(f, "uid-2");
    auto before = f.world.clock.now();
    EXPECT_EQ(f.world.ask(*second.ray, {"INCRBY", "RAYtest@C", "1"}), number(2));
    EXPECT_LT(f.world.clock.now() - before, 600ms);
  }
}

TEST(RoadFence, LeavesALeaseThatIsNotItsOwn) {
  for (auto mode : modes) {
    RoadFixture f({.mode = mode});
    EXPECT_EQ(f.ask({"INCRBY", "RAYtest@C", "1"}), number(1));
    f.relay.swallow(true);
    SecondHead second(f, "uid-2");
    EXPECT_EQ(f.world.ask(*second.ray, {"INCRBY", "RAYtest@C", "1"}), number(2));
    auto lease = f.direct({"GET", "RAYtest@RAYKEEP:LEASE"});
    f.relay.swallow(false);
    f.world.run([](Road& road, Deadline until) -> boost::asio::awaitable<bool> {
      co_await road.release(until);
      co_return true;
    }(**f.road, f.world.ample()));
    EXPECT_EQ(f.direct({"GET", "RAYtest@RAYKEEP:LEASE"}), lease);
  }
}

TEST(RoadFence, GoesOnFromTheEpochOfAnEarlierHeadOfAnyMode) {
  RoadFixture f({.mode = FenceMode::transaction});
  EXPECT_EQ(f.ask({"INCRBY", "RAYtest@C", "1"}), number(1));
  f.road.reset();
  f.direct({"ACL", "SETUSER", "ray", "+evalsha", "+script|load"});
  SecondHead second(f, "uid-1");
  EXPECT_EQ(f.world.ask(*second.ray, {"INCRBY", "RAYtest@C", "1"}), number(2));
  EXPECT_EQ(second.state().fence_mode, FenceMode::script);
  EXPECT_EQ(second.state().lease.epoch, 2U);
}

}  // namespace
}  // namespace raykeep::redis
