// A write whose reply was lost is never applied twice, and its reply is the one it had.
#include <gtest/gtest.h>

#include "redis/testing_road.h"

namespace raykeep::redis {
namespace {

using namespace testing;
using namespace std::chrono_literals;
using Requests = std::vector<std::vector<std::string>>;

const FenceMode modes[] = {FenceMode::script, FenceMode::transaction};

TEST(ExactlyOnce, RepeatsAWriteWhoseReplyWasLost) {
  for (auto mode : modes) {
    RoadFixture f({.mode = mode});
    EXPECT_EQ(f.ask({"HSET", "RAYtest@KV", "old", "1"}), number(1));
    const std::pair<std::vector<std::string>, Reply> cases[] = {
        {{"INCRBY", "RAYtest@C", "5"}, number(5)},
        {{"HSETNX", "RAYtest@KV", "new", "1"}, number(1)},
        {{"HSETNX", "RAYtest@KV", "old", "2"}, number(0)},
        {{"HSET", "RAYtest@KV", "old", "3", "other", "4"}, number(1)},
        {{"HDEL", "RAYtest@KV", "old", "nothing"}, number(1)},
        {{"DEL", "RAYtest@KV", "RAYtest@NOTHING"}, number(1)},
        {{"INCRBY", "RAYtest@C", "-1"}, number(4)},
    };
    std::uint64_t repeated = 0;
    for (const auto& [request, reply] : cases) {
      SCOPED_TRACE(to_string(mode) + " " + request[0]);
      auto recorded = f.direct({"HLEN", "RAYtest@RAYKEEP:DONE:1"});
      f.relay.hold_replies_after(
          {mode == FenceMode::script ? "EVALSHA" : "EXEC", "RAYtest@RAYKEEP:DONE:1"});
      Asking asking(f.world, *f.ray, {request});
      ASSERT_TRUE(
          f.world.until([&] { return f.direct({"HLEN", "RAYtest@RAYKEEP:DONE:1"}) != recorded; }));
      EXPECT_FALSE(asking.done());
      f.relay.cut();
      f.relay.hold_replies(false);
      auto replies = asking.replies();
      ASSERT_EQ(replies.size(), 1U);
      EXPECT_EQ(replies[0], reply);
      EXPECT_EQ(f.state().counters.repeated, ++repeated);
    }
    EXPECT_EQ(f.direct({"GET", "RAYtest@C"}), text("4"));
  }
}

TEST(ExactlyOnce, RepeatsManyWritesInOrder) {
  RoadFixture f;
  f.ask({"HGET", "RAYtest@KV", "a"});  // the lane is connected
  Requests requests;
  std::vector<Reply> expected;
  for (int i = 1; i <= 1000; ++i) {
    requests.push_back({"INCRBY", "RAYtest@C", "1"});
    expected.push_back(number(i));
    if (i % 7 == 0) requests.push_back({"HGET", "RAYtest@KV", "a"}), expected.push_back(Reply{});
  }
  f.relay.hold_replies(true);
  Asking asking(f.world, *f.ray, requests);
  ASSERT_TRUE(f.world.until([&] { return f.direct({"GET", "RAYtest@C"}).text != ""; }));
  f.relay.cut();
  f.relay.hold_replies(false);
  EXPECT_EQ(asking.replies(), expected);
  EXPECT_EQ(f.direct({"GET", "RAYtest@C"}), text("1000"));
  EXPECT_GT(f.state().counters.repeated, 0U);
}

TEST(ExactlyOnce, IgnoresAWriteThatArrivesLateOnALostConnection) {
  for (auto mode : modes) {
    RoadFixture f({.mode = mode});
    EXPECT_EQ(f.ask({"INCRBY", "RAYtest@C", "1"}), number(1));
    f.relay.hold_requests();
    Asking asking(f.world, *f.ray,
                  {{"INCRBY", "RAYtest@C", "1"}, {"HSETNX", "RAYtest@KV", "a", "1"}});
    f.world.pass(50ms);
    f.relay.cut();
    EXPECT_EQ(asking.replies(), (std::vector{number(2), number(1)}));
    EXPECT_EQ(f.ask({"HDEL", "RAYtest@KV", "a"}), number(1));
    // What the network kept of the lost connection comes now.
    f.relay.deliver_requests();
    f.world.pass(50ms);
    EXPECT_EQ(f.direct({"GET", "RAYtest@C"}), text("2")) << to_string(mode);
    EXPECT_EQ(f.direct({"HEXISTS", "RAYtest@KV", "a"}), number(0)) << to_string(mode);
  }
}

TEST(ExactlyOnce, AppliesAWriteAgainThatTheStoreHasLost) {
  RoadFixture f;
  EXPECT_EQ(f.ask({"INCRBY", "RAYtest@C", "1"}), number(1));
  f.relay.hold_replies(true);
  Asking asking(f.world, *f.ray, {{"INCRBY", "RAYtest@C", "1"}});
  ASSERT_TRUE(f.world.until([&] { return f.direct({"GET", "RAYtest@C"}) == text("2"); }));
  f.server.lose_data();  // before the reply: nobody has been promised anything
  f.relay.cut();
  f.relay.hold_replies(false);
  f.server.start();
  EXPECT_EQ(asking.replies(), (std::vector{number(1)}));
}

TEST(ExactlyOnce, RedoesWhatAnAppendOnlyFileLost) {
  // A crash that cuts the append-only file in the middle of a write's transaction loses the write
  // and its record together.
  RoadFixture f({.server_options = {"appendfsync always", "aof-load-truncated yes"}});
  EXPECT_EQ(f.ask({"INCRBY", "RAYtest@C", "1"}), number(1));
  f.relay.hold_replies(true);
  Asking asking(f.world, *f.ray, {{"INCRBY", "RAYtest@C", "1"}});
  ASSERT_TRUE(f.world.until([&] { return f.direct({"GET", "RAYtest@C"}) == text("2"); }));
  f.server.kill();
  auto file = f.server.folder().path("appendonlydir/appendonly.aof.1.incr.aof");
  std::filesystem::resize_file(file, std::filesystem::file_size(file) - 20);
  f.relay.cut();
  f.relay.hold_replies(false);
  f.server.start();
  EXPECT_EQ(asking.replies(), (std::vector{number(2)}));
  EXPECT_EQ(f.direct({"GET", "RAYtest@C"}), text("2"));
}

}  // namespace
}  // namespace raykeep::redis
