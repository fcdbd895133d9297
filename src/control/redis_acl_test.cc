#include "control/redis_acl.h"

#include <cstdlib>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/text.h"
#include "control/secrets.h"
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
plan::Plan managed_plan(bool tls) {
  spec::RayCluster cluster;
  cluster.name = "demo";
  cluster.head.name = "headgroup";
  spec::Site site = spec::default_site();
  site.redis.form = spec::SiteRedis::Form::managed;
  site.redis.managed = spec::ManagedRedis{};
  site.redis.managed->tls = tls;
  return plan::plan(cluster, site, {.ns = "ray", .generation = "u-1", .token = ""});
}

/// The planned redis.conf for a server in a test's folder, which listens where the test says and
/// not on every address.
std::string line_for_test(std::string line) {
  if (line.starts_with("bind ")) return "";
  if (line == "port 6379") return "port {port}";
  if (line == "tls-port 6379") return "tls-port {port}";
  if (line == "dir /data") return "dir {dir}";
  std::size_t folder = line.find(" /etc/");
  if (folder != std::string::npos)
    line = line.substr(0, folder) + " {dir}" + line.substr(line.rfind('/'));
  return line;
}

std::vector<std::string> conf_lines(const plan::Plan& plan) {
  std::vector<std::string> lines;
  for (const doc::Value& object : plan.objects) {
    std::string_view text = doc::find_string(object, {"data", "redis.conf"});
    for (std::string_view line : split(text, '\n'))
      lines.push_back(line_for_test(std::string(line)));
  }
  return lines;
}

/// A real Redis as `up` would have it run, with the Secret's files.
struct ManagedRedis {
  explicit ManagedRedis(bool tls)
      : plan(managed_plan(tls)),
        values(secret_values(plan.secrets.at(0), {})),
        server(conf_lines(plan)) {
    for (const auto& [name, value] : values) server.folder().write(name, value.reveal());
    server.start();
  }

  std::string file(const std::string& name) const { return server.folder().path(name); }
  const std::string& password() const { return values.at("password").reveal(); }

  plan::Plan plan;
  SecretValues values;
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

TEST(ManagedRedis, LetsAnybodyAskForPongAndNothingElse) {
  ManagedRedis redis(false);
  auto anybody = redis.world.dial(redis.server.port());
  EXPECT_EQ(redis.world.ask(*anybody, {"PING"}).text, "PONG");
  for (std::vector<std::string> request : {std::vector<std::string>{"GET", "RAYray.demo.u-1@KV"},
                                           {"INFO"},
                                           {"CONFIG", "GET", "*"},
                                           {"FLUSHALL"},
                                           {"ACL", "LIST"}}) {
    EXPECT_EQ(redis.world.ask(*anybody, request).code(), "NOPERM") << request[0];
  }
}

TEST(ManagedRedis, LetsTheAgentAtTheClustersKeysOnly) {
  ManagedRedis redis(false);
  auto agent = redis.world.dial(redis.server.port());
  auto ask = [&](std::vector<std::string> words) {
    return redis.world.ask(*agent, std::move(words));
  };
  EXPECT_EQ(ask({"AUTH", "raykeep", "wrong"}).code(), "WRONGPASS");
  EXPECT_EQ(ask({"AUTH", "raykeep", redis.password()}).text, "OK");
  EXPECT_EQ(ask({"HSET", "RAYray.demo.u-1@KV", "a", "1"}).type, Reply::Type::integer);
  EXPECT_EQ(ask({"HSET", "other", "a", "1"}).code(), "NOPERM");
  EXPECT_EQ(ask({"CONFIG", "SET", "appendonly", "no"}).code(), "NOPERM");
}

TEST(ManagedRedis, AnswersItsProbesInTheClearAndEncrypted) {
  for (bool tls : {false, true}) {
    ManagedRedis redis(tls);
    std::string probe =
        fmt::format("redis-cli -e -p {}{} ping >/dev/null 2>&1", redis.server.port(),
                    tls ? " --tls --cacert " + redis.file("ca.crt") : "");
    EXPECT_EQ(std::system(probe.c_str()), 0) << probe << redis.server.log();
    redis.server.kill();
    EXPECT_NE(std::system(probe.c_str()), 0);
  }
}

TEST(ManagedRedis, CarriesTheRoadInTheClearAndEncrypted) {
  for (bool tls : {false, true}) {
    ManagedRedis redis(tls);
    redis::RoadOptions options{
        .listen_port = 0, .storage_namespace = redis.plan.storage_namespace, .pod_uid = "uid-1"};
    options.upstream.addresses = {redis.server.address()};
    options.upstream.user_file = redis.server.folder().write("user", "raykeep");
    options.upstream.password_file = redis.file("password");
    if (tls) {
      options.upstream.tls = {
          .enabled = true, .ca_file = redis.file("ca.crt"), .server_name = "demo-redis.ray.svc"};
    }
    RunningRoad road(redis.world, options);
    EXPECT_TRUE(redis.world.until([&] { return road->state().lease.held; }))
        << road->state().last_error;
    auto ray = redis.world.dial(road->port());
    EXPECT_EQ(redis.world.ask(*ray, {"HSET", "RAYray.demo.u-1@KV", "a", "1"}).type,
              Reply::Type::integer);
    EXPECT_EQ(redis.world.ask(*ray, {"HGET", "RAYray.demo.u-1@KV", "a"}).text, "1");
  }
}

}  // namespace
}  // namespace raykeep::control
