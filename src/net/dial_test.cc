#include "net/dial.h"

#include <gtest/gtest.h>

#include "net/run_until_done.h"
#include "net/scripted_server.h"

namespace raykeep::net {
namespace {

using namespace testing;
using Kind = Failure::Kind;

struct World {
  Failure failure(Route route, Deadline until) {
    return failure_of(loop, dial(loop.get_executor(), std::move(route), until, clock));
  }
  Failure failure(Route route) { return failure(std::move(route), ample(clock)); }

  SteadyClock clock;
  boost::asio::io_context loop;
};

Route to(const std::string& url) {
  return {.server = *parse_url(url), .tls = nullptr, .proxy = std::nullopt};
}

TEST(Dial, SaysWhenNothingListens) {
  World world;
  int port;
  {
    ScriptedServer server(world.loop.get_executor(), {});
    port = server.port();
  }
  world.loop.run();  // lets the server end
  auto failure = world.failure(to("http://127.0.0.1:" + std::to_string(port)));
  EXPECT_EQ(failure.kind(), Kind::disconnected);
  EXPECT_EQ(std::string(failure.what()),
            "connection refused by 127.0.0.1:" + std::to_string(port) + ": nothing listens there");
}

TEST(Dial, TriesEveryAddressOfAName) {
  World world;
  ScriptedServer server(world.loop.get_executor(), {{}});
  // localhost is ::1 and 127.0.0.1 on most machines; only the latter listens.
  auto stream =
      run_until_done(world.loop, dial(world.loop.get_executor(),
                                      to("http://localhost:" + std::to_string(server.port())),
                                      ample(world.clock), world.clock));
  EXPECT_TRUE(stream->peer().starts_with("localhost:")) << stream->peer();
}

TEST(Dial, SaysThatANameIsUnknown) {
  World world;
  auto failure = world.failure(to("http://does-not-exist.invalid"));
  EXPECT_EQ(failure.kind(), Kind::disconnected);
  EXPECT_TRUE(std::string(failure.what()).contains("does-not-exist.invalid")) << failure.what();
}

TEST(Dial, GivesUpAtTheDeadline) {
  World world;
  auto failure = world.failure(to("http://127.0.0.1:9"),
                               Deadline{world.clock.now() - std::chrono::seconds(1)});
  EXPECT_EQ(failure.kind(), Kind::disconnected);
}

TEST(Dial, AsksAProxyForATunnel) {
  World world;
  ScriptedServer proxy(world.loop.get_executor(),
                       {{{.answer = "HTTP/1.1 200 OK\r\n\r\nSSH-", .bytewise = true}}});
  auto route = to("http://api.example:6443");
  route.proxy = *parse_url("http://me:p%40ss@127.0.0.1:" + std::to_string(proxy.port()));
  auto stream = run_until_done(
      world.loop, dial(world.loop.get_executor(), route, ample(world.clock), world.clock));
  char bytes[16];
  auto count =
      run_until_done(world.loop, stream->read_some(bytes, sizeof bytes, ample(world.clock)));
  EXPECT_GT(count, 0u);
  EXPECT_EQ(bytes[0], 'S');  // what follows the proxy's answer is the server's
  EXPECT_EQ(proxy.requests()[0],
            "CONNECT api.example:6443 HTTP/1.1\r\nHost: api.example:6443\r\n"
            "Proxy-Authorization: Basic bWU6cEBzcw==\r\n\r\n");
}

TEST(Dial, SaysWhatAProxySays) {
  const std::pair<std::string, Kind> cases[] = {
      {"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", Kind::denied},
      {"HTTP/1.1 403 Forbidden\r\n\r\n", Kind::denied},
      {"HTTP/1.1 502 Bad Gateway\r\n\r\n", Kind::disconnected},
      {"220 smtp.example\r\n\r\n", Kind::invalid},
      {std::string(20'000, 'x'), Kind::invalid},
  };
  for (const auto& [answer, kind] : cases) {
    World world;
    ScriptedServer proxy(world.loop.get_executor(), {{{.answer = answer, .stall = true}}});
    auto route = to("http://api.example:6443");
    route.proxy = *parse_url(proxy.url());
    auto failure = world.failure(route);
    EXPECT_EQ(failure.kind(), kind) << answer << ": " << failure.what();
    EXPECT_TRUE(std::string(failure.what()).contains("proxy")) << failure.what();
  }
}

TEST(Dial, RefusesProxiesThatItCannotSpeakTo) {
  World world;
  auto route = to("https://api.example:6443");
  route.proxy = *parse_url("socks5://127.0.0.1:1080");
  EXPECT_EQ(world.failure(route).kind(), Kind::invalid);
}

}  // namespace
}  // namespace raykeep::net
