#include "redis/health.h"

#include <gtest/gtest.h>

#include "redis/acl.h"
#include "redis/cleanup.h"
#include "redis/command.h"
#include "redis/examine.h"
#include "redis/testing_road.h"

namespace raykeep::redis {
namespace {

using namespace testing;
using namespace std::chrono_literals;

std::vector<std::string> names(const std::vector<Concern>& all) {
  std::vector<std::string> out;
  for (const auto& concern : all) out.push_back(concern.name);
  return out;
}

TEST(Health, ReadsInfo) {
  auto facts = parse_info(
      "# "
      "Server\r\nredis_version:7.0.15\r\nrun_id:f00d\r\nloading:1\r\nrole:slave\r\nmaster_host:10."
      "0.0."
      "9\r\nconnected_slaves:2\r\n"
      "cluster_enabled:1\r\naof_enabled:1\r\nmaxmemory:1048576\r\nmaxmemory_policy:allkeys-"
      "lru\r\nnonsense\r\n:\r\n");
  EXPECT_EQ(facts, (ServerFacts{.run_id = "f00d",
                                .version = "7.0.15",
                                .role = "slave",
                                .loading = true,
                                .cluster = true,
                                .append_only = true,
                                .eviction = "allkeys-lru",
                                .most_memory = 1048576,
                                .replicas = 2,
                                .master_host = "10.0.0.9"}));
}

TEST(Health, ListsItsConcernsGravestFirst) {
  ServerFacts good{
      .version = "7.0.15", .role = "master", .append_only = true, .eviction = "noeviction"};
  EXPECT_TRUE(concerns(good).empty());
  auto volatile_keys = good;
  volatile_keys.eviction = "volatile-lru";
  EXPECT_TRUE(concerns(volatile_keys).empty());
  auto replicated = good;
  replicated.append_only = false;
  replicated.replicas = 1;
  EXPECT_TRUE(concerns(replicated).empty());
  auto bad = good;
  bad.append_only = false;
  bad.eviction = "allkeys-random";
  bad.cluster = true;
  EXPECT_EQ(names(concerns(bad, 1)), (std::vector<std::string>{"EvictsKeys", "NoAppendOnlyFile"}));
  EXPECT_EQ(names(concerns(bad, 3)),
            (std::vector<std::string>{"SeveralShards", "EvictsKeys", "NoAppendOnlyFile"}));
  bad.version = "4.0.1";
  EXPECT_EQ(names(concerns(bad, 1)),
            (std::vector<std::string>{"TooOld", "EvictsKeys", "NoAppendOnlyFile"}));
}

TEST(Examine, SeesServerAndLease) {
  RoadFixture f({.server_options = {"maxmemory-policy allkeys-lru"}});
  auto look = [&] {
    return f.world.run(examine(f.world.loop.get_executor(), f.world.clock, f.options("x").upstream,
                               "test", f.world.ample()));
  };
  EXPECT_EQ(f.ask({"HSET", "RAYtest@KV", "a", "1"}), number(1));
  auto found = look();
  EXPECT_EQ(found.facts.version.substr(0, 2), "7.");
  EXPECT_EQ(names(found.concerns), (std::vector<std::string>{"EvictsKeys"}));
  EXPECT_EQ(found.fence_mode, FenceMode::script);
  ASSERT_TRUE(found.owner && found.holder);
  EXPECT_EQ(*found.holder, (Token{.epoch = 1, .pod_uid = "uid-1", .holder_name = "head of uid-1"}));
  EXPECT_GT(found.expires_in, 100ms);
  EXPECT_LE(found.expires_in, 1s);
  f.road.reset();  // dies without a word
  ASSERT_TRUE(f.world.until([&] { return !look().holder; }));
  EXPECT_EQ(look().owner->pod_uid, "uid-1");
}

TEST(CleanUp, RemovesTheNamespaceAndNothingElse) {
  for (auto mode : {FenceMode::script, FenceMode::transaction}) {
    RoadFixture f({.mode = mode});
    auto clean = [&](Duration time) {
      return f.world.run(clean_up(f.world.loop.get_executor(), f.world.clock,
                                  f.options("x").upstream, "test",
                                  Deadline::after(f.world.clock, time)));
    };
    f.direct({"SET", "RAYtest2@KV", "other cluster"});
    for (int i = 0; i < 2500; ++i) f.direct({"HSET", "RAYtest@" + std::to_string(i), "f", "v"});
    EXPECT_EQ(f.ask({"INCRBY", "RAYtest@C", "1"}), number(1));
    auto held = clean(1500ms);
    EXPECT_EQ(held, (Cleaned{.held_by = "uid-1 head of uid-1"})) << to_string(mode);
    f.relay.swallow(true);
    auto upstream = f.options("x").upstream;
    upstream.addresses = {f.server.address()};
    auto cleaned = f.world.run(
        clean_up(f.world.loop.get_executor(), f.world.clock, upstream, "test", f.world.ample()));
    // Its keys, Ray's counter; the record of writes went with the epoch.
    EXPECT_EQ(cleaned, (Cleaned{.removed = 2501, .left = 0, .complete = true})) << to_string(mode);
    EXPECT_EQ(f.direct({"EXISTS", "RAYtest2@KV"}), number(1));
    EXPECT_EQ(f.direct({"DBSIZE"}), number(3));
    EXPECT_GT(f.direct({"PTTL", "RAYtest@RAYKEEP:EPOCH"}).integer, 80'000'000);
    EXPECT_GT(f.direct({"PTTL", "RAYtest@RAYKEEP:LEASE"}).integer, 0);
    EXPECT_LE(f.direct({"PTTL", "RAYtest@RAYKEEP:LEASE"}).integer, 30'000)
        << "who begins anew under this namespace waits for it";
    // The head wakes up, and cannot bring anything back.
    f.relay.swallow(false);
    ASSERT_TRUE(f.world.until([&] { return f.state().fenced; }));
    EXPECT_EQ(f.direct({"DBSIZE"}), number(3));
    EXPECT_TRUE(clean(1s).complete);
  }
}

struct LeapingClock final : Clock {
  Instant now() const override { return std::chrono::steady_clock::now() + leap; }
  Duration leap = {};
};

boost::asio::awaitable<void> clean_into(boost::asio::any_io_executor executor, const Clock& clock,
                                        Upstream upstream, std::optional<Cleaned>& cleaned) {
  cleaned = co_await clean_up(executor, clock, upstream, "test", Deadline::after(clock, 4s));
}

TEST(CleanUp, StopsAtTheDeadlineAndSaysWhatIsLeft) {
  RoadFixture f;
  f.road.reset();
  f.direct({"DEL", "RAYtest@RAYKEEP:LEASE", "RAYtest@RAYKEEP:EPOCH"});
  f.direct({"EVAL", "for i = 1, 100000 do redis.call('SET', 'RAYtest@' .. i, 1) end", "0"});
  LeapingClock clock;
  std::optional<Cleaned> cleaned;
  net::TaskGroup tasks(f.world.loop.get_executor());
  tasks.spawn(clean_into(f.world.loop.get_executor(), clock, f.options("x").upstream, cleaned));
  ASSERT_TRUE(f.world.until([&] { return f.direct({"DBSIZE"}).integer < 100'000; }));
  clock.leap = 4s;  // past the deadline, but not past the patience with one batch
  ASSERT_TRUE(f.world.until([&] { return cleaned.has_value(); }));
  EXPECT_FALSE(cleaned->complete);
  EXPECT_GT(cleaned->removed, 0U);
  EXPECT_GT(cleaned->left, 0U);
  EXPECT_EQ(cleaned->removed + cleaned->left, 100'000U);
}

TEST(Acl, GrantsWhatTheTableSaysAndNothingElse) {
  EXPECT_EQ(acl_line("ray", "4f1c"),
            "user ray on resetkeys resetchannels -@all ~RAY4f1c@* +cluster|info +del +evalsha "
            "+exists +get +hdel "
            "+hexists +hget +hgetall "
            "+hkeys +hlen +hmget +hscan +hset +hsetnx +incrby +info +ping +pttl +scan +script|load "
            "+set +unlink");
  for (auto mode : {FenceMode::script, FenceMode::transaction}) {
    RoadFixture f({.mode = mode});
    auto user = f.world.dial(f.server.port());
    ASSERT_EQ(f.world.ask(*user, {"AUTH", "ray", "open sesame"}).text, "OK");
    std::vector<std::vector<std::string>> others{{"GET", "RAYother@KV"},
                                                 {"GET", "x"},
                                                 {"KEYS", "*"},
                                                 {"FLUSHALL"},
                                                 {"CONFIG", "GET", "*"},
                                                 {"ACL", "LIST"},
                                                 {"EVAL", "return 1", "0"},
                                                 {"SCRIPT", "FLUSH"},
                                                 {"SUBSCRIBE", "x"},
                                                 {"CLIENT", "LIST"},
                                                 {"HINCRBY", "RAYtest@KV", "a", "1"},
                                                 {"RENAME", "RAYtest@KV", "RAYtest@X"},
                                                 {"MONITOR"},
                                                 {"REPLICAOF", "NO", "ONE"}};
    others.push_back(mode == FenceMode::script
                         ? std::vector<std::string>{"MULTI"}
                         : std::vector<std::string>{"EVALSHA", std::string(40, '0'), "0"});
    for (const auto& other : others)
      EXPECT_EQ(f.world.ask(*user, other).code(), "NOPERM") << other[0];
    for (const auto& command : commands()) {
      if (command.handling == Handling::answer || command.handling == Handling::close) continue;
      std::vector<std::string> arguments{std::string(command.name), "RAYtest@NEW"};
      if (!command.many_keys) arguments.insert(arguments.end(), {"1", "1"});
      auto reply = f.world.ask(*user, arguments);
      EXPECT_NE(reply.code(), "NOPERM") << command.name << reply.text;
    }
  }
}

}  // namespace
}  // namespace raykeep::redis
