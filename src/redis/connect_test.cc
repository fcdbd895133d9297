// What can be wrong with a Redis, each with a sentence that says what to do.
#include <optional>

#include <gtest/gtest.h>

#include "net/test_certificates.h"
#include "redis/acl.h"
#include "redis/testing_road.h"

namespace raykeep::redis {
namespace {

using namespace testing;
using namespace std::chrono_literals;
using net::testing::KeyAndCertificate;
using net::testing::make_certificate;
using Kind = Failure::Kind;

/// The Failure of connecting, and of loading the scripts.
Failure failure(World& world, Upstream upstream, Duration patience = 5s) {
  return net::testing::failure_of(
      world.loop, connect(world.loop.get_executor(), world.clock, std::move(upstream),
                          Deadline::after(world.clock, patience)));
}

std::unique_ptr<Connection> connected(World& world, Upstream upstream) {
  return world.run(
      connect(world.loop.get_executor(), world.clock, std::move(upstream), world.ample()));
}

#define EXPECT_FAILS(failure_, kind_, part)                                   \
  do {                                                                        \
    auto seen = failure_;                                                     \
    EXPECT_EQ(seen.kind(), kind_) << seen.what();                             \
    EXPECT_TRUE(std::string_view(seen.what()).contains(part)) << seen.what(); \
  } while (false)

const KeyAndCertificate& ca() {
  static const auto made = make_certificate({.common_name = "redis-ca", .is_ca = true});
  return made;
}

/// A Redis which speaks TLS only, and wants a certificate from its clients.
struct TlsServer : Server {
  explicit TlsServer(int valid_days = 1)
      : Server({"port 0", "tls-port {port}", "tls-cert-file {dir}crt", "tls-key-file {dir}key",
                "tls-ca-cert-file {dir}ca"}) {
    auto own = make_certificate({.names = {"IP:127.0.0.1", "DNS:redis"},
                                 .valid_from_days = -9,
                                 .valid_until_days = valid_days},
                                &ca());
    folder().write("crt", own.certificate_pem);
    folder().write("key", own.key_pem);
    folder().write("ca", ca().certificate_pem);
    start();
  }

  Upstream upstream(int client_valid_days = 1) {
    auto client = make_certificate({.common_name = "ray",
                                    .valid_from_days = -9,
                                    .valid_until_days = client_valid_days,
                                    .for_clients = true},
                                   &ca());
    return {.addresses = {address()},
            .tls = {.enabled = true,
                    .ca_file = folder().path("ca"),
                    .certificate_file = folder().write("client.crt", client.certificate_pem),
                    .key_file = folder().write("client.key", client.key_pem)}};
  }
};

TEST(Connect, SpeaksTlsAndShowsItsCertificate) {
  World world;
  TlsServer server;
  auto connection = connected(world, server.upstream());
  EXPECT_EQ(connection->facts.role, "master");
  EXPECT_EQ(world.ask(*connection, {"PING"}), pong);
}

TEST(Connect, CarriesTheRoadOverTls) {
  World world;
  TlsServer server;
  auto options = road_to(server);
  options.upstream = server.upstream();
  RunningRoad road(world, options);
  auto ray = world.dial(road->port());
  EXPECT_EQ(world.ask(*ray, {"INCRBY", "RAYtest@C", "1"}), number(1));
  std::string large(3 << 20, 'x');
  EXPECT_EQ(world.ask(*ray, {"HSET", "RAYtest@KV", "a", large}), number(1));
  EXPECT_EQ(world.ask(*ray, {"HGET", "RAYtest@KV", "a"}), text(large));
  // A new certificate is taken up by the next connect, without a restart.
  auto other_ca = make_certificate({.common_name = "new-ca", .is_ca = true});
  auto own = make_certificate({.names = {"IP:127.0.0.1"}}, &other_ca);
  server.kill();
  server.folder().write("crt", own.certificate_pem);
  server.folder().write("key", own.key_pem);
  server.start();
  Asking held(world, *ray, {{"INCRBY", "RAYtest@C", "1"}});
  ASSERT_TRUE(world.until([&] { return road->state().last_error.contains("new-ca"); }))
      << road->state().last_error;
  server.folder().write("ca", ca().certificate_pem + other_ca.certificate_pem);
  EXPECT_EQ(held.replies(), (std::vector{number(2)}));
}

TEST(Connect, NamesWhatIsWrongWithCertificates) {
  World world;
  TlsServer server;
  auto unknown = server.upstream();
  unknown.tls.ca_file = server.folder().write(
      "other", make_certificate({.common_name = "other-ca", .is_ca = true}).certificate_pem);
  EXPECT_FAILS(failure(world, unknown), Kind::denied, "redis-ca");
  EXPECT_FAILS(failure(world, unknown), Kind::denied, unknown.tls.ca_file);
  auto other_name = server.upstream();
  other_name.tls.server_name = "elsewhere";
  EXPECT_FAILS(failure(world, other_name), Kind::denied, "elsewhere");
  auto expired = server.upstream(-1);
  EXPECT_FAILS(failure(world, expired), Kind::denied, "expired on");
  auto none = server.upstream();
  none.tls.certificate_file = none.tls.key_file = "";
  EXPECT_FAILS(failure(world, none), Kind::denied, "none is configured");
  auto missing = server.upstream();
  missing.tls.ca_file = "/nowhere/ca.crt";
  EXPECT_FAILS(failure(world, missing), Kind::invalid,
               "/nowhere/ca.crt: no CA certificate can be read");
  auto clear = server.upstream();
  clear.tls = {};
  EXPECT_FAILS(failure(world, clear), Kind::disconnected, "if it expects TLS, set redis.tls");
  TlsServer old(-1);
  EXPECT_FAILS(failure(world, old.upstream()), Kind::denied, "expired");
}

TEST(Connect, NamesAServerInTheClear) {
  World world;
  Server server;
  server.start();
  TlsServer tls;
  auto upstream = tls.upstream();
  upstream.addresses = {server.address()};
  // Redis takes the handshake for the beginning of a request, and waits for more.
  EXPECT_FAILS(failure(world, upstream, 300ms), Kind::disconnected, "take redis.tls away");
}

TEST(Connect, NamesWhatIsWrongWithPasswords) {
  World world;
  Server server(
      {"requirepass right", acl_line("ray", "test") + " >right", "user dull on >right ~* +ping"});
  server.start();
  auto& folder = server.folder();
  folder.write("right", "right\n");
  folder.write("wrong", "wrong");
  auto with = [&](std::string user, std::string password) {
    Upstream upstream{.addresses = {server.address()}};
    if (!user.empty()) upstream.user_file = folder.write("user", user);
    if (!password.empty()) upstream.password_file = folder.path(password);
    return upstream;
  };
  EXPECT_EQ(connected(world, with("ray", "right"))->facts.role, "master");
  EXPECT_EQ(connected(world, with("", "right"))->facts.role, "master");
  EXPECT_FAILS(failure(world, with("ray", "wrong")), Kind::denied, "WRONGPASS");
  EXPECT_FAILS(failure(world, with("nobody", "right")), Kind::denied, "WRONGPASS");
  EXPECT_FAILS(failure(world, with("", "")), Kind::denied, "set redis.passwordSecret");
  EXPECT_FAILS(failure(world, with("dull", "right")), Kind::denied, "raykeep site redis-acl");
  EXPECT_FAILS(failure(world, with("dull", "right")), Kind::denied, "'info'");
  EXPECT_FAILS(failure(world, with("ray", "missing")), Kind::invalid, "no password can be read");
  EXPECT_FALSE(std::string(failure(world, with("ray", "wrong")).what()).contains("\"wrong\""));
  Server open;
  open.start();
  auto needless = with("", "right");
  needless.addresses = {open.address()};
  EXPECT_FAILS(failure(world, needless), Kind::denied, "this Redis has no password");
}

TEST(Connect, NamesAnAclThatAllowsNeitherScriptsNorTransactions) {
  World world;
  auto line = acl_line("ray", "test") + " >right";
  auto at = line.find("+evalsha");
  line.erase(at, 9);
  Server server({line});
  server.start();
  auto options = road_to(server);
  options.upstream.user_file = server.folder().write("user", "ray");
  options.upstream.password_file = server.folder().write("password", "right");
  RunningRoad road(world, options);
  ASSERT_TRUE(world.until([&] { return road->state().last_error.contains("NOPERM"); }));
  EXPECT_TRUE(road->state().last_error.contains("watch")) << road->state().last_error;
  EXPECT_TRUE(road->state().last_error.contains("raykeep site redis-acl"));
  EXPECT_FALSE(road->state().lease.held);
}

TEST(Connect, LooksForTheMasterAmongItsAddresses) {
  World world;
  Server master;
  master.start();
  Server replica({"replicaof 127.0.0.1 " + std::to_string(master.port())});
  replica.start();
  EXPECT_FAILS(failure(world, {.addresses = {replica.address()}}), Kind::disconnected,
               "is a replica of 127.0.0.1");
  auto dead = "127.0.0.1:" + std::to_string(free_port());
  auto found = connected(world, {.addresses = {dead, replica.address(), master.address()}});
  EXPECT_EQ(found->peer(), master.address());
  EXPECT_FAILS(failure(world, {.addresses = {dead, replica.address()}}), Kind::disconnected,
               "connection refused");
  EXPECT_FAILS(failure(world, {.addresses = {"no port://"}}), Kind::invalid, "is not an address");
}

TEST(Connect, WaitsForNobodyLongerThanItsDeadline) {
  World world;
  ScriptedRedis silent(world, {{}});
  EXPECT_FAILS(failure(world, {.addresses = {silent.address()}}, 100ms), Kind::disconnected,
               "timeout");
}

TEST(Connect, UnderstandsAnswersInAnyPieces) {
  World world;
  ScriptedRedis server(
      world, {{{.bytes = bulk("role:master\r\nredis_version:7.2.1\r\n"), .bytewise = true}}});
  EXPECT_EQ(connected(world, {.addresses = {server.address()}})->facts.version, "7.2.1");
  EXPECT_EQ(server.requests(), (std::vector<std::string>{"INFO"}));
}

TEST(Connect, NamesWhatTheServerSays) {
  World world;
  const struct {
    std::vector<Answer> answers;
    Kind kind;
    std::string part;
  } cases[] = {
      {{{.bytes = bulk("role:master\r\nloading:1\r\n")}}, Kind::disconnected, "still loading"},
      {{{.bytes = "-LOADING Redis is loading the dataset in memory\r\n"}},
       Kind::disconnected,
       "LOADING"},
      {{{.bytes = "-DENIED Redis is running in protected mode\r\n"}},
       Kind::denied,
       "protected-mode no"},
      {{{.bytes = "-ERR max number of clients reached\r\n", .close = true}},
       Kind::overloaded,
       "maxclients"},
      {{{.bytes = "SSH-2.0-OpenSSH_9.2\r\n"}}, Kind::invalid, "does not speak Redis' protocol"},
      {{{.bytes = "HTTP/1.1 400 Bad Request\r\n"}},
       Kind::invalid,
       "does not speak Redis' protocol"},
      {{{.bytes = "$100\r\nrole:mas", .close = true}}, Kind::disconnected, "closed the connection"},
      {{{.bytes = "", .close = true}}, Kind::disconnected, "set redis.tls"},
      {{{.bytes = bulk("role:master\r\ncluster_enabled:1\r\n")},
        {.bytes = bulk("cluster_state:ok\r\ncluster_size:3\r\n")}},
       Kind::invalid,
       "a Redis Cluster of 3 shards"},
  };
  for (const auto& c : cases) {
    ScriptedRedis server(world, {c.answers});
    EXPECT_FAILS(failure(world, {.addresses = {server.address()}}), c.kind, c.part);
  }
}

TEST(Connect, UsesARedisClusterOfOneShard) {
  World world;
  // Beside its port it listens on that plus 10,000, which must be a port, too.
  std::optional<Server> made;
  do
    made.emplace(std::vector<std::string>{"cluster-enabled yes", "cluster-config-file {dir}nodes"});
  while (made->port() > 55'000);
  Server& server = *made;
  server.start();
  auto direct = world.dial(server.port());
  std::vector<std::string> slots{"CLUSTER", "ADDSLOTSRANGE", "0", "16383"};
  ASSERT_EQ(world.ask(*direct, slots).text, "OK");
  ASSERT_TRUE(world.until(
      [&] { return world.ask(*direct, {"CLUSTER", "INFO"}).text.contains("cluster_state:ok"); }));
  RunningRoad road(world, road_to(server));
  auto ray = world.dial(road->port());
  std::vector<std::vector<std::string>> requests{{"INCRBY", "RAYtest@C", "1"},
                                                 {"HSET", "RAYtest@KV", "a", "1"},
                                                 {"HSET", "RAYtest@NODE", "a", "1"},
                                                 {"UNLINK", "RAYtest@NODE"}};
  EXPECT_EQ(world.ask_all(*ray, requests),
            (std::vector{number(1), number(1), number(1), number(1)}));
}

/// A master, a replica of it, and a Sentinel who watches them.
struct Watched {
  Watched()
      : replica({"replicaof 127.0.0.1 " + std::to_string((master.start(), master.port())),
                 "repl-diskless-sync-delay 0"}),
        sentinel({"sentinel monitor mymaster 127.0.0.1 " + std::to_string(master.port()) + " 1",
                  "sentinel down-after-milliseconds mymaster 500",
                  "sentinel failover-timeout mymaster 2000"},
                 "redis-sentinel") {
    replica.start();
    sentinel.start();
  }

  Server master, replica, sentinel;
};

TEST(Sentinel, LeadsToTheMasterAndToTheNextOne) {
  World world;
  Watched redis;
  auto straight = world.dial(redis.replica.port());
  ASSERT_TRUE(world.until(
      [&] { return world.ask(*straight, {"INFO"}).text.contains("master_link_status:up"); }));
  auto options = road_to(redis.master);
  options.upstream = {
      .sentinels = {.addresses = {"127.0.0.1:1", redis.sentinel.address()}, .master = "mymaster"}};
  options.hold = 30s;
  RunningRoad road(world, options);
  auto ray = world.dial(road->port());
  EXPECT_EQ(world.ask(*ray, {"INCRBY", "RAYtest@C", "1"}), number(1));
  EXPECT_TRUE(road->state().server.starts_with(redis.master.address())) << road->state().server;
  // Sentinel must know the replica, and the replica the counter, before the master may go.
  auto sentinel = world.dial(redis.sentinel.port());
  ASSERT_TRUE(world.until([&] {
    return world.ask(*sentinel, {"SENTINEL", "REPLICAS", "mymaster"}).elements.size() == 1;
  }));
  ASSERT_TRUE(world.until([&] { return world.ask(*straight, {"GET", "RAYtest@C"}) == text("1"); }));
  redis.master.kill();
  Asking held(world, *ray, {{"INCRBY", "RAYtest@C", "1"}, {"HGET", "RAYtest@KV", "a"}});
  EXPECT_EQ(held.replies(), (std::vector{number(2), Reply{}}))
      << held.failure() << road->state().last_error;
  EXPECT_TRUE(road->state().server.starts_with(redis.replica.address())) << road->state().server;
  EXPECT_FALSE(road->state().storage_lost);
  EXPECT_EQ(road->state().lease.epoch, 1U);
}

TEST(Sentinel, IsNamedWhenItCannotHelp) {
  World world;
  ScriptedRedis knows_nothing(world, {{{.bytes = "*-1\r\n"}}});
  EXPECT_FAILS(failure(world, {.sentinels = {.addresses = {"127.0.0.1:1", knows_nothing.address()},
                                             .master = "mine"}}),
               Kind::disconnected, "knows no master \"mine\"");
  ScriptedRedis locked(world, {{{.bytes = "-NOAUTH Authentication required.\r\n"}}});
  EXPECT_FAILS(failure(world, {.sentinels = {.addresses = {locked.address()}, .master = "mine"}}),
               Kind::disconnected, "it wants a password");
}

}  // namespace
}  // namespace raykeep::redis
