#include "redis/road.h"

#include <gtest/gtest.h>

#include "redis/testing.h"

namespace raykeep::redis {
namespace {

using namespace testing;
using namespace std::chrono_literals;
using Type = Reply::Type;

const Reply pong{.type = Type::status, .text = "PONG"};
Reply number(std::int64_t value) { return {.type = Type::integer, .integer = value}; }
Reply text(std::string value) { return {.type = Type::text, .text = std::move(value)}; }

/// A Redis, a road to it, and Ray's connection to the road.
struct Fixture {
  explicit Fixture(std::vector<std::string> server_options = {})
      : server(std::move(server_options)) {
    server.start();
    road = std::make_unique<RunningRoad>(world, road_to(server));
    ray = world.dial((*road)->port());
  }
  Reply ask(std::vector<std::string> arguments) { return world.ask(*ray, std::move(arguments)); }

  Server server;
  World world;
  std::unique_ptr<RunningRoad> road;
  std::unique_ptr<Connection> ray;
};

TEST(Road, CarriesWhatRayAsks) {
  Fixture f;
  EXPECT_EQ(f.ask({"PING"}), pong);
  EXPECT_EQ(f.ask({"HSET", "RAYtest@KV", "a", "1", "b", "2"}), number(2));
  EXPECT_EQ(f.ask({"HSET", "RAYtest@KV", "a", "3"}), number(0));
  EXPECT_EQ(f.ask({"HGET", "RAYtest@KV", "a"}), text("3"));
  EXPECT_EQ(f.ask({"HSETNX", "RAYtest@KV", "a", "4"}), number(0));
  EXPECT_EQ(f.ask({"HDEL", "RAYtest@KV", "a", "b", "c"}), number(2));
  EXPECT_EQ(f.ask({"INCRBY", "RAYtest@JobCounter", "1"}), number(1));
  EXPECT_EQ(f.ask({"INCRBY", "RAYtest@JobCounter", "2"}), number(3));
  EXPECT_EQ(f.ask({"UNLINK", "RAYtest@JobCounter", "RAYtest@KV"}), number(1));
  EXPECT_EQ(f.ask({"HGET", "RAYtest@KV", "a"}).type, Type::nothing);
  auto state = (*f.road)->state();
  EXPECT_TRUE(state.connected);
  EXPECT_TRUE(state.lease.held);
  EXPECT_EQ(state.lease.epoch, 1U);
  EXPECT_EQ(state.fence_mode, FenceMode::script);
  EXPECT_EQ(state.connections, 1);
  EXPECT_EQ(state.counters.forwarded, 9U);
}

}  // namespace
}  // namespace raykeep::redis
