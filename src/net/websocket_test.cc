#include "net/websocket.h"

#include <gtest/gtest.h>

#include "net/http_client.h"
#include "net/run_until_done.h"
#include "net/scripted_server.h"

namespace raykeep::net {
namespace {

using namespace testing;
using Kind = Failure::Kind;

struct World {
  boost::asio::awaitable<Upgrade> upgrade(int port, Deadline until) {
    client.emplace(
        loop.get_executor(),
        HttpClientOptions{.server = *parse_url("http://127.0.0.1:" + std::to_string(port)),
                          .tls = {},
                          .proxy = {}},
        clock);
    return client->upgrade({.target = "/x?ports=1", .headers = {{"X-A", "b"}}}, "v4.channel.k8s.io",
                           until);
  }

  SteadyClock clock;
  boost::asio::io_context loop;
  std::optional<HttpClient> client;
};

TEST(WebSocket, CarriesMessagesBothWays) {
  World world;
  EchoWebSocketServer server(world.loop.get_executor(), {"hello"}, "v4.channel.k8s.io");
  auto upgrade = run_until_done(world.loop, world.upgrade(server.port(), ample(world.clock)));
  ASSERT_TRUE(upgrade.socket);
  EXPECT_EQ(run_until_done(world.loop, upgrade.socket->receive()), "hello");
  std::string big(100'000, 'x');
  run_until_done(world.loop, upgrade.socket->send(big));
  EXPECT_EQ(run_until_done(world.loop, upgrade.socket->receive()), big);
  EXPECT_EQ(server.targets(), std::vector<std::string>{"/x?ports=1"});
}

TEST(WebSocket, EndsWhenThePeerCloses) {
  World world;
  EchoWebSocketServer server(world.loop.get_executor(), {}, "v4.channel.k8s.io");
  auto upgrade = run_until_done(world.loop, world.upgrade(server.port(), ample(world.clock)));
  ASSERT_TRUE(upgrade.socket);
  run_until_done(world.loop, upgrade.socket->send("close"));
  EXPECT_EQ(run_until_done(world.loop, upgrade.socket->receive()), std::nullopt);
}

TEST(WebSocket, GivesTheBodyOfARefusal) {
  World world;
  ScriptedServer server(world.loop.get_executor(), {{{.answer = http_answer(403, "no rights")}}});
  auto upgrade = run_until_done(world.loop, world.upgrade(server.port(), ample(world.clock)));
  EXPECT_FALSE(upgrade.socket);
  EXPECT_EQ(upgrade.response.status, 403);
  EXPECT_EQ(upgrade.response.body, "no rights");
  EXPECT_TRUE(server.requests()[0].contains("X-A: b\r\n")) << server.requests()[0];
  EXPECT_TRUE(server.requests()[0].contains("Sec-WebSocket-Protocol: v4.channel.k8s.io\r\n"));
}

TEST(WebSocket, RefusesAnotherSubprotocol) {
  World world;
  EchoWebSocketServer server(world.loop.get_executor(), {}, "other");
  EXPECT_EQ(failure_of(world.loop, world.upgrade(server.port(), ample(world.clock))).kind(),
            Kind::invalid);
}

TEST(WebSocket, RefusesAServerThatDidNotComputeTheAcceptKey) {
  World world;
  ScriptedServer server(
      world.loop.get_executor(),
      {{{.answer =
             "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
             "Sec-WebSocket-Accept: AAAA\r\nSec-WebSocket-Protocol: v4.channel.k8s.io\r\n\r\n"}}});
  auto outcome = failure_of(world.loop, world.upgrade(server.port(), ample(world.clock)));
  EXPECT_NE(outcome.kind(), Kind::bug) << outcome.what();
}

TEST(WebSocket, EndsTheHandshakeAtTheDeadline) {
  World world;
  ScriptedServer server(world.loop.get_executor(), {{{.answer = "HTTP/1.1 101", .stall = true}}});
  auto failure = failure_of(world.loop, world.upgrade(server.port(), near(world.clock)));
  EXPECT_EQ(failure.kind(), Kind::disconnected);
  EXPECT_TRUE(std::string(failure.what()).starts_with("timeout")) << failure.what();
}

TEST(WebSocket, FailsWhenTheConnectionBreaks) {
  World world;
  auto server = std::make_unique<EchoWebSocketServer>(
      world.loop.get_executor(), std::vector<std::string>{}, "v4.channel.k8s.io");
  auto upgrade = run_until_done(world.loop, world.upgrade(server->port(), ample(world.clock)));
  ASSERT_TRUE(upgrade.socket);
  server.reset();
  EXPECT_EQ(failure_of(world.loop, upgrade.socket->receive()).kind(), Kind::disconnected);
}

}  // namespace
}  // namespace raykeep::net
