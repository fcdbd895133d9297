#include "net/reach.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <gtest/gtest.h>

#include "net/listener.h"
#include "net/run_until_done.h"
#include "net/scripted_server.h"

namespace raykeep::net {
namespace {

using namespace testing;

struct World {
  Reached tcp(const std::string& host, int port, Speak speak = Speak::nothing) {
    return run_until_done(loop, reach_tcp(loop.get_executor(), host, port, speak, soon(), clock));
  }
  Reached udp(int port) {
    return run_until_done(loop, reach_udp(loop.get_executor(), "127.0.0.1", port, soon(), clock));
  }
  Deadline soon() const { return Deadline::after(clock, std::chrono::milliseconds(300)); }

  SteadyClock clock;
  boost::asio::io_context loop;
};

int unused_port(World& world) {
  return Listener(world.loop.get_executor(), "127.0.0.1", 0, world.clock).port();
}

TEST(Reach, TellsAnOpenPortFromOneWhereNobodyListens) {
  World world;
  Listener listener(world.loop.get_executor(), "127.0.0.1", 0, world.clock);
  EXPECT_EQ(world.tcp("127.0.0.1", listener.port()).fate, Fate::open);
  EXPECT_EQ(world.tcp("localhost", listener.port()).fate, Fate::open);
  EXPECT_EQ(world.tcp("127.0.0.1", unused_port(world)).fate, Fate::refused);
}

TEST(Reach, CallsSilenceDropped) {
  World world;
  using boost::asio::ip::udp;
  udp::socket silent(world.loop, udp::endpoint(boost::asio::ip::make_address("127.0.0.1"), 0));
  Fate fate = world.udp(silent.local_endpoint().port()).fate;
  EXPECT_EQ(fate, Fate::dropped);
  EXPECT_FALSE(arrives(fate));
}

TEST(Reach, SaysWhyANameCannotBeTried) {
  World world;
  Reached reached = world.tcp("does-not-exist.invalid", 80);
  EXPECT_EQ(reached.fate, Fate::unknown);
  EXPECT_TRUE(reached.detail.contains("does-not-exist.invalid")) << reached.detail;
}

/// Answers a question with its length before it, and nothing else.
boost::asio::awaitable<void> name_server(boost::asio::ip::tcp::acceptor* acceptor) {
  const std::string question("\0\x11\0\0\1\0\0\1\0\0\0\0\0\0\0\0\2\0\1", 19);
  boost::asio::ip::tcp::socket socket = co_await acceptor->async_accept(boost::asio::use_awaitable);
  std::string asked(question.size(), '\0');
  co_await boost::asio::async_read(socket, boost::asio::buffer(asked), boost::asio::use_awaitable);
  const std::string answer = asked == question ? "answer" : "";
  co_await boost::asio::async_write(socket, boost::asio::buffer(answer),
                                    boost::asio::use_awaitable);
}

TEST(Reach, AsksANameServerOverTcpAsItUnderstands) {
  World world;
  using boost::asio::ip::tcp;
  tcp::acceptor acceptor(world.loop, tcp::endpoint(boost::asio::ip::make_address("127.0.0.1"), 0));
  boost::asio::co_spawn(world.loop, name_server(&acceptor), boost::asio::detached);
  EXPECT_EQ(world.tcp("127.0.0.1", acceptor.local_endpoint().port(), Speak::dns).spoken,
            Spoken::answered);
}

TEST(Reach, TellsWhatBecomesOfPlaintext) {
  World world;
  ScriptedServer answers(world.loop.get_executor(),
                         {Dialogue{Line{.answer = http_answer(400, "")}}});
  EXPECT_EQ(world.tcp("127.0.0.1", answers.port(), Speak::plaintext).spoken, Spoken::answered);
  // A connection that is taken and closed without a word, as a mesh does with plaintext.
  ScriptedServer closes(world.loop.get_executor(), std::deque<Dialogue>());
  EXPECT_EQ(world.tcp("127.0.0.1", closes.port(), Speak::plaintext).spoken, Spoken::reset);
  Listener silent(world.loop.get_executor(), "127.0.0.1", 0, world.clock);
  EXPECT_EQ(world.tcp("127.0.0.1", silent.port(), Speak::plaintext).spoken, Spoken::silent);
  EXPECT_EQ(world.tcp("127.0.0.1", silent.port()).spoken, Spoken::not_tried);
}

TEST(Reach, HearsThatNobodyListensOnAUdpPort) {
  World world;
  EXPECT_EQ(world.udp(unused_port(world)).fate, Fate::refused);
}

}  // namespace
}  // namespace raykeep::net
