#include "net/listener.h"

#include <gtest/gtest.h>

#include "net/dial.h"
#include "net/event.h"
#include "net/run_until_done.h"
#include "net/task_group.h"

namespace raykeep::net {
namespace {

using namespace testing;
using Kind = Failure::Kind;

struct World {
  SteadyClock clock;
  boost::asio::io_context loop;
  Listener listener{loop.get_executor(), "127.0.0.1", 0, clock};

  awaitable<std::unique_ptr<Stream>> connect() {
    return dial(loop.get_executor(),
                {.server = *parse_url("http://127.0.0.1:" + std::to_string(listener.port()))},
                ample(clock), clock);
  }
};

awaitable<void> greet(World& world) {
  auto stream = co_await world.listener.accept();
  EXPECT_EQ(stream->write_at_once("hello"), 5U);
}

awaitable<std::string> be_greeted(World& world) {
  auto stream = co_await world.connect();
  char buffer[5];
  std::size_t count = 0;
  while (count < sizeof buffer)
    count += co_await stream->read_some(buffer + count, 5 - count, ample(world.clock));
  co_return std::string(buffer, count);
}

TEST(Listener, AcceptsConnections) {
  World world;
  TaskGroup tasks(world.loop.get_executor());
  tasks.spawn(greet(world));
  EXPECT_EQ(run_until_done(world.loop, be_greeted(world)), "hello");
}

TEST(Listener, NamesThePortThatIsTaken) {
  World world;
  try {
    Listener second(world.loop.get_executor(), "127.0.0.1", world.listener.port(), world.clock);
    ADD_FAILURE() << "two listeners on one port";
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.kind(), Kind::invalid);
    EXPECT_TRUE(std::string(failure.what()).contains(std::to_string(world.listener.port())))
        << failure.what();
  }
}

TEST(Listener, RefusesConnectionsOnceClosed) {
  World world;
  world.listener.close();
  EXPECT_EQ(failure_of(world.loop, world.connect()).kind(), Kind::disconnected);
  EXPECT_EQ(failure_of(world.loop, world.listener.accept()).kind(), Kind::cancelled);
}

TEST(Stream, WritesAtOnceOnlyWhatTheConnectionTakes) {
  World world;
  auto stream = run_until_done(world.loop, world.connect());
  std::string much(1 << 20, 'x');
  std::size_t taken = 0, last = 1;
  for (int i = 0; i < 1000 && last > 0; ++i) taken += last = stream->write_at_once(much);
  EXPECT_EQ(last, 0U);
  EXPECT_GT(taken, 0U);
}

awaitable<void> wait_for(Event& event, const Clock& clock, int& woken) {
  co_await event.wait(clock);
  ++woken;
}

awaitable<void> notify_once_all_wait(Event& event, const Clock& clock) {
  co_await event.wait(clock, near(clock));  // by its own deadline, which must not wake the others
  event.notify();
}

TEST(Event, WakesEverybodyButOnlyWhenNotified) {
  World world;
  Event event(world.loop.get_executor());
  int woken = 0;
  TaskGroup tasks(world.loop.get_executor());
  tasks.spawn(wait_for(event, world.clock, woken));
  tasks.spawn(wait_for(event, world.clock, woken));
  auto before = world.clock.now();
  run_until_done(world.loop, notify_once_all_wait(event, world.clock));
  EXPECT_GE(world.clock.now() - before, std::chrono::milliseconds(20));
  EXPECT_EQ(woken, 0);
  run_until_done(world.loop, tasks.finish());
  EXPECT_EQ(woken, 2);
}

TEST(Event, EndsAWaitThatIsCancelled) {
  World world;
  Event event(world.loop.get_executor());
  int woken = 0;
  TaskGroup tasks(world.loop.get_executor());
  tasks.spawn(wait_for(event, world.clock, woken));
  tasks.cancel();
  run_until_done(world.loop, tasks.finish());
  EXPECT_EQ(woken, 0);
}

}  // namespace
}  // namespace raykeep::net
