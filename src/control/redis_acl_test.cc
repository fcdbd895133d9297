#include "control/redis_acl.h"

#include <cstdlib>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/text.h"
#include "doc/document.h"
#include "plan/generation.h"
#include "plan/plan.h"
#include "redis/testing.h"

namespace raykeep::control {
namespace {

using redis::Reply;
using redis::testing::RunningRoad;
using redis::testing::Server;
using redis::testing::World;

/// A document that says no more than it must, on a Site with a managed Redis.
plan::Plan managed_plan() {
  spec::RayCluster cluster;
  cluster.name = "demo";
  cluster.head.name = "headgroup";
  spec::Site site = spec::default_site();
  site.redis.form = spec::SiteRedis::Form::managed;
  site.redis.managed = spec::ManagedRedis{};
  return plan::plan(cluster, site, {.ns = "ray", .generation = "u-1", .token = ""});
}

/// The lines of the planned redis.conf for a server in a test's folder. It listens where the test
/// says, and not on every address.
std::vector<std::string> conf_lines() {
  for (const doc::Value& object : managed_plan().objects) {
    std::string_view text = doc::find_string(object, {"data", "redis.conf"});
    if (text.empty()) continue;
    std::vector<std::string> lines;
    for (std::string_view line : split(text, '\n')) {
      if (line.starts_with("bind ") || line.empty()) continue;
      if (line.starts_with("port ")) line = "port {port}";
      if (line.starts_with("dir ")) line = "dir {dir}";
      if (line.starts_with("aclfile ")) line = "aclfile {dir}/users.acl";
      lines.emplace_back(line);
    }
    return lines;
  }
  return {};
}

/// A real Redis as `up` would have it run, with the password "word".
class ManagedRedis : public testing::Test {
 protected:
  ManagedRedis() : server(conf_lines()) {
    server.folder().write("users.acl", managed_redis_acl(Secret(std::string("word"))).reveal());
    server.start();
  }

  Server server;
  World world;
};

TEST(RedisAcl, IsForEveryGenerationOfTheClusterAndNoOther) {
  std::string line = redis_acl("ray", "team.demo." + std::string(plan::generation_placeholder));
  EXPECT_TRUE(line.starts_with("user ray on ")) << line;
  EXPECT_TRUE(line.contains(" ~RAYteam.demo.*@* ")) << line;
  EXPECT_FALSE(line.contains("+@")) << line;
  EXPECT_FALSE(line.contains(">")) << line;
  EXPECT_TRUE(redis_acl("ray", "mine").contains(" ~RAYmine@* "));
}

TEST_F(ManagedRedis, LetsAnybodyAskForPongAndNothingElse) {
  auto anybody = world.dial(server.port());
  EXPECT_EQ(world.ask(*anybody, {"PING"}).text, "PONG");
  for (std::vector<std::string> request : {std::vector<std::string>{"GET", "RAYray.demo.u-1@KV"},
                                           {"INFO"},
                                           {"CONFIG", "GET", "*"},
                                           {"FLUSHALL"},
                                           {"ACL", "LIST"}}) {
    EXPECT_EQ(world.ask(*anybody, request).code(), "NOPERM") << request[0];
  }
}

TEST_F(ManagedRedis, AnswersTheProbe) {
  std::string probe =
      fmt::format("redis-cli -e -h 127.0.0.1 -p {} ping >/dev/null 2>&1", server.port());
  EXPECT_EQ(std::system(probe.c_str()), 0);
  server.kill();
  EXPECT_NE(std::system(probe.c_str()), 0);
}

TEST_F(ManagedRedis, LetsTheAgentAtTheClustersKeysOnly) {
  auto agent = world.dial(server.port());
  EXPECT_EQ(world.ask(*agent, {"AUTH", "raykeep", "wrong"}).code(), "WRONGPASS");
  EXPECT_EQ(world.ask(*agent, {"AUTH", "raykeep", "word"}).text, "OK");
  EXPECT_EQ(world.ask(*agent, {"HSET", "RAYray.demo.u-1@KV", "a", "1"}).type, Reply::Type::integer);
  EXPECT_EQ(world.ask(*agent, {"HSET", "other", "a", "1"}).code(), "NOPERM");
  EXPECT_EQ(world.ask(*agent, {"CONFIG", "SET", "appendonly", "no"}).code(), "NOPERM");
}

TEST_F(ManagedRedis, CarriesTheRoad) {
  RunningRoad road(world, {.listen_port = 0,
                           .upstream = {.addresses = {server.address()},
                                        .user_file = server.folder().write("user", "raykeep"),
                                        .password_file = server.folder().write("password", "word")},
                           .storage_namespace = managed_plan().storage_namespace,
                           .pod_uid = "uid-1"});
  EXPECT_TRUE(world.until([&] { return road->state().lease.held; })) << road->state().last_error;
  auto ray = world.dial(road->port());
  EXPECT_EQ(world.ask(*ray, {"HSET", "RAYray.demo.u-1@KV", "a", "1"}).type, Reply::Type::integer);
  EXPECT_EQ(world.ask(*ray, {"HGET", "RAYray.demo.u-1@KV", "a"}).text, "1");
}

}  // namespace
}  // namespace raykeep::control
