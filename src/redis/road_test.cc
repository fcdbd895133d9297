#include "redis/road.h"

#include <gtest/gtest.h>

#include "redis/testing_road.h"

namespace raykeep::redis {
namespace {

using namespace testing;
using namespace std::chrono_literals;
using Type = Reply::Type;

TEST(Road, CarriesWhatRayAsks) {
  for (auto mode : {FenceMode::script, FenceMode::transaction}) {
    RoadFixture f({.mode = mode});
    SCOPED_TRACE(to_string(mode));
    EXPECT_EQ(f.ask({"PING"}), pong);
    EXPECT_EQ(f.ask({"HSET", "RAYtest@KV", "a", "1", "b", "2"}), number(2));
    EXPECT_EQ(f.ask({"HSET", "RAYtest@KV", "a", "3"}), number(0));
    EXPECT_EQ(f.ask({"HGET", "RAYtest@KV", "a"}), text("3"));
    EXPECT_EQ(f.ask({"HSETNX", "RAYtest@KV", "a", "4"}), number(0));
    EXPECT_EQ(f.ask({"HSETNX", "RAYtest@KV", "c", "4"}), number(1));
    EXPECT_EQ(f.ask({"HDEL", "RAYtest@KV", "a", "b", "x"}), number(2));
    EXPECT_EQ(f.ask({"INCRBY", "RAYtest@JobCounter", "1"}), number(1));
    EXPECT_EQ(f.ask({"INCRBY", "RAYtest@JobCounter", "2"}), number(3));
    EXPECT_EQ(f.ask({"UNLINK", "RAYtest@JobCounter", "RAYtest@X"}), number(1));
    EXPECT_EQ(f.ask({"HGET", "RAYtest@KV", "a"}).type, Type::nothing);
    EXPECT_EQ(f.ask({"HGETALL", "RAYtest@KV"}).elements.size(), 2U);
    auto state = f.state();
    EXPECT_TRUE(state.connected);
    EXPECT_TRUE(state.lease.held);
    EXPECT_EQ(state.lease.epoch, 1U);
    EXPECT_EQ(state.fence_mode, mode);
    EXPECT_EQ(state.connections, 1);
    EXPECT_EQ(state.counters.forwarded, 11U);
    EXPECT_EQ(state.counters.answered, 1U);
    EXPECT_EQ(state.counters.repeated, 0U);
  }
}

TEST(Road, GivesErrorsAsRedisDoes) {
  for (auto mode : {FenceMode::script, FenceMode::transaction}) {
    RoadFixture f({.mode = mode});
    EXPECT_EQ(f.ask({"HSET", "RAYtest@KV", "a", "1"}), number(1));
    EXPECT_EQ(f.ask({"INCRBY", "RAYtest@KV", "1"}).code(), "WRONGTYPE") << to_string(mode);
    EXPECT_EQ(f.ask({"INCRBY", "RAYtest@C", "x"}).code(), "ERR") << to_string(mode);
    EXPECT_EQ(f.ask({"HSET", "RAYtest@KV", "a"}).code(), "ERR") << to_string(mode);
    EXPECT_EQ(f.ask({"HGET", "RAYtest@KV", "a"}), text("1"));
  }
}

TEST(Road, KeepsTheOrderOfWhatIsSentAtOnce) {
  for (auto mode : {FenceMode::script, FenceMode::transaction}) {
    RoadFixture f({.mode = mode});
    std::vector<std::vector<std::string>> requests;
    std::vector<Reply> expected;
    for (int i = 1; i <= 500; ++i) {
      requests.push_back({"INCRBY", "RAYtest@C", "1"});
      expected.push_back(number(i));
      if (i % 3 == 0) requests.push_back({"PING"}), expected.push_back(pong);
      if (i % 5 == 0) {
        requests.push_back({"HSET", "RAYtest@KV", "f", std::to_string(i)});
        expected.push_back(number(i == 5));
        requests.push_back({"HGET", "RAYtest@KV", "f"});
        expected.push_back(text(std::to_string(i)));
      }
    }
    EXPECT_EQ(f.world.ask_all(*f.ray, requests), expected) << to_string(mode);
  }
}

TEST(Road, CarriesLargeValuesAndManyFields) {
  RoadFixture f;
  std::string large(20 << 20, 'x');
  EXPECT_EQ(f.ask({"HSET", "RAYtest@KV", "large", large}), number(1));
  EXPECT_EQ(f.ask({"HGET", "RAYtest@KV", "large"}), text(large));
  std::vector<std::string> set{"HSET", "RAYtest@MANY"}, del{"HDEL", "RAYtest@MANY"};
  for (int i = 0; i < 12'000; ++i) {
    set.push_back(std::to_string(i));
    set.push_back("v");
    del.push_back(std::to_string(i));
  }
  EXPECT_EQ(f.ask(set), number(12'000));
  EXPECT_EQ(f.ask(del), number(12'000));
  EXPECT_EQ(f.ask({"EXISTS", "RAYtest@MANY"}), number(0));
}

TEST(Road, StopsReadingFromAPeerThatDoesNotRead) {
  RoadFixture f;
  EXPECT_EQ(f.ask({"HSET", "RAYtest@KV", "f", std::string(1 << 20, 'x')}), number(1));
  auto request = encode({"HGET", "RAYtest@KV", "f"});
  std::string flood;
  for (int i = 0; i < 300; ++i) flood += request;
  auto before = memory_in_use();
  f.ray->stream().write_at_once(flood);
  f.world.pass(300ms);
  EXPECT_LT(memory_in_use(), before + (std::size_t{150} << 20)) << "it holds all of Redis' answers";
  // And all of them arrive once it reads.
  std::size_t bytes = 0;
  std::string buffer(1 << 20, '\0');
  while (bytes < 300 * (std::size_t{1} << 20)) {
    bytes += f.world.run(f.ray->stream().read_some(buffer.data(), buffer.size(), f.world.ample()));
  }
}

TEST(Road, RefusesWhatIsNotRays) {
  RoadFixture f;
  EXPECT_TRUE(f.ask({"GET", "RAYtest@X"}).text.contains("does not carry the command \"GET\""));
  EXPECT_TRUE(f.ask({"HGET", "RAYother@KV", "a"}).text.contains("not in this cluster's namespace"));
  EXPECT_TRUE(f.ask({"DEL", "RAYtest@KV", "RAYtest@RAYKEEP:EPOCH"})
                  .text.contains("not in this cluster's namespace"));
  EXPECT_EQ(f.ask({"DEL", "DUMMY"}), number(0));
  EXPECT_EQ(f.ask({"AUTH", "x"}).type, Type::status);
  EXPECT_TRUE(f.ask({"INFO", "SENTINEL"}).text.empty());
  EXPECT_EQ(f.state().counters.forwarded, 1U);
}

TEST(Road, ClosesWhenAskedTo) {
  RoadFixture f;
  EXPECT_EQ(f.ask({"QUIT"}).type, Type::status);
  EXPECT_TRUE(f.world.until([&] { return f.state().connections == 0; }));
}

TEST(Road, TellsAPeerThatSpeaksSomethingElse) {
  RoadFixture f;
  f.ray->stream().write_at_once("GET / HTTP/1.1\r\n");
  char buffer[100];
  auto count = f.world.run(f.ray->stream().read_some(buffer, sizeof buffer, f.world.ample()));
  EXPECT_TRUE(std::string_view(buffer, count).starts_with("-ERR Protocol error"));
  EXPECT_TRUE(f.world.until([&] { return f.state().connections == 0; }));
}

TEST(Road, UsesLaneNumbersAgain) {
  RoadFixture f;
  for (int i = 0; i < 20; ++i) {
    auto other = f.world.dial(f.port());
    EXPECT_EQ(f.world.ask(*other, {"INCRBY", "RAYtest@C", "1"}), number(i + 1));
    other.reset();
    EXPECT_TRUE(f.world.until([&] { return f.state().connections == 1; }));
  }
  EXPECT_EQ(f.direct({"HLEN", "RAYtest@RAYKEEP:DONE:1"}), number(20));
  EXPECT_EQ(f.direct({"HEXISTS", "RAYtest@RAYKEEP:DONE:1", "1:20"}), number(1));
}

TEST(Road, RefusesOptionsThatCannotBe) {
  World world;
  const std::pair<std::function<void(RoadOptions&)>, std::string> cases[] = {
      {[](RoadOptions& o) { o.upstream.addresses.clear(); }, "give addresses"},
      {[](RoadOptions& o) { o.upstream.sentinels.addresses = {"x:1"}; }, "one of the two"},
      {[](RoadOptions& o) { o.storage_namespace = "a@b"; }, "storage namespace"},
      {[](RoadOptions& o) { o.pod_uid = "a:b"; }, "pod UID"},
      {[](RoadOptions& o) { o.lease_ttl = 10ms; }, "lease"},
      {[](RoadOptions& o) { o.upstream.tls.key_file = "x"; }, "certificate"},
  };
  for (const auto& [spoil, part] : cases) {
    RoadOptions options{.listen_port = 0,
                        .upstream = {.addresses = {"x:1"}},
                        .storage_namespace = "n",
                        .pod_uid = "u"};
    spoil(options);
    try {
      Road road(world.loop.get_executor(), world.clock, options);
      ADD_FAILURE() << "accepted: " << part;
    } catch (const Failure& failure) {
      EXPECT_TRUE(std::string(failure.what()).contains(part)) << failure.what();
    }
  }
}

}  // namespace
}  // namespace raykeep::redis
