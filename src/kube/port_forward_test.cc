#include <gtest/gtest.h>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "kube/scripted_cluster.h"
#include "net/task_group.h"

namespace raykeep::kube {
namespace {

using namespace net::testing;
namespace asio = boost::asio;
using asio::ip::tcp;

Config at(int port) {
  Config config;
  config.server = "http://127.0.0.1:" + std::to_string(port);
  return config;
}

struct World {
  SteadyClock clock;
  asio::io_context loop;
  int port = 0;
  std::string ended;

  void wait_for_port() {
    while (port == 0 && ended.empty() && loop.run_one() > 0) {
    }
  }
};

/// port_forward() with its end written down.
awaitable<void> forward(World& world, Client& client) {
  try {
    co_await port_forward(client, "ray", "head", 8265, 0,
                          [&world](int port) { world.port = port; });
  } catch (const Failure& failure) {
    world.ended = failure.what();
  }
}

awaitable<std::string> ask(int port, std::string question, std::size_t answer_size) {
  tcp::socket socket(co_await asio::this_coro::executor);
  co_await socket.async_connect(
      {asio::ip::address_v4::loopback(), static_cast<asio::ip::port_type>(port)},
      asio::use_awaitable);
  co_await asio::async_write(socket, asio::buffer(question), asio::use_awaitable);
  std::string answer(answer_size, '\0');
  co_await asio::async_read(socket, asio::buffer(answer), asio::use_awaitable);
  co_return answer;
}

TEST(PortForward, CarriesConnectionsUntilItIsCancelled) {
  World world;
  const std::string port_bytes = {'\x49', '\x20'};  // 8265, little endian
  EchoWebSocketServer kubelet(world.loop.get_executor(),
                              {std::string(1, '\0') + port_bytes, "\1" + port_bytes},
                              "v4.channel.k8s.io");
  Client client(world.loop.get_executor(), at(kubelet.port()), world.clock);
  {
    net::TaskGroup group(world.loop.get_executor());
    group.spawn(forward(world, client));
    world.wait_for_port();
    ASSERT_GT(world.port, 0) << world.ended;
    EXPECT_EQ(run_until_done(world.loop, ask(world.port, "hello", 5)), "hello");
    std::string big(200'000, 'x');
    EXPECT_EQ(run_until_done(world.loop, ask(world.port, big, big.size())), big);
    group.cancel();
    run_until_done(world.loop, group.finish());
  }
  EXPECT_EQ(world.ended, "forward a port to Pod ray/head port 8265: cancelled");
  EXPECT_EQ(kubelet.targets().at(0), "/api/v1/namespaces/ray/pods/head/portforward?ports=8265");
}

/// How a connection ended that asked and got no answer.
awaitable<std::string> end_of(int port, std::string question) {
  try {
    co_return "an answer: " + co_await ask(port, std::move(question), 1);
  } catch (const boost::system::system_error& ended) {
    co_return ended.code() == asio::error::eof ? "closed" : ended.code().message();
  }
}

TEST(PortForward, ClosesTheLocalConnectionWhenTheKubeletsBreaks) {
  World world;
  EchoWebSocketServer kubelet(world.loop.get_executor(), {}, "v4.channel.k8s.io");
  Client client(world.loop.get_executor(), at(kubelet.port()), world.clock);
  net::TaskGroup group(world.loop.get_executor());
  group.spawn(forward(world, client));
  world.wait_for_port();
  ASSERT_GT(world.port, 0) << world.ended;
  EXPECT_EQ(run_until_done(world.loop, end_of(world.port, "break")), "closed");
  group.cancel();
  run_until_done(world.loop, group.finish());
}

TEST(PortForward, FailsBeforeItListensWhenThePodIsMissing) {
  World world;
  ScriptedServer server(world.loop.get_executor(),
                        {{{.answer = refusal(404, "NotFound", "pods \"head\" not found",
                                             R"("name":"head","kind":"pods")")}}});
  Client client(world.loop.get_executor(), at(server.port()), world.clock);
  run_until_done(world.loop, forward(world, client));
  EXPECT_EQ(world.port, 0);
  EXPECT_TRUE(world.ended.contains("pods \"head\" not found")) << world.ended;
}

}  // namespace
}  // namespace raykeep::kube
