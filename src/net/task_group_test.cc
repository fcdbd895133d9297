#include "net/task_group.h"

#include <gtest/gtest.h>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "net/run_until_done.h"

namespace raykeep::net {
namespace {

using testing::run_until_done;
namespace asio = boost::asio;

asio::awaitable<void> wait_for_ever(asio::any_io_executor executor, int& ended) {
  struct Count {
    int& ended;
    ~Count() { ++ended; }
  } count{ended};
  asio::steady_timer timer(executor, asio::steady_timer::time_point::max());
  co_await timer.async_wait(asio::use_awaitable);
}

asio::awaitable<void> fail() {
  throw std::runtime_error("task failed");
  co_return;
}

TEST(TaskGroup, CancelsItsTasksWhenItGoes) {
  asio::io_context loop;
  int ended = 0;
  {
    TaskGroup group(loop.get_executor());
    group.spawn(wait_for_ever(loop.get_executor(), ended));
    group.spawn(wait_for_ever(loop.get_executor(), ended));
    loop.poll();
    EXPECT_EQ(group.size(), 2u);
    EXPECT_EQ(ended, 0);
  }
  loop.restart();
  loop.run();
  EXPECT_EQ(ended, 2);
}

TEST(TaskGroup, FinishWaitsForCancelledTasks) {
  asio::io_context loop;
  int ended = 0;
  TaskGroup group(loop.get_executor());
  group.spawn(wait_for_ever(loop.get_executor(), ended));
  loop.poll();
  group.cancel();
  run_until_done(loop, group.finish());
  EXPECT_EQ(ended, 1);
  EXPECT_EQ(group.size(), 0u);
}

TEST(TaskGroup, CancelsTasksThatHaveNotBegun) {
  asio::io_context loop;
  int ended = 0;
  TaskGroup group(loop.get_executor());
  group.spawn(wait_for_ever(loop.get_executor(), ended));
  group.cancel();
  run_until_done(loop, group.finish());
  EXPECT_EQ(group.size(), 0u);
}

asio::awaitable<void> wait_for(asio::steady_timer& timer) {
  co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
}

TEST(TaskGroup, CancelsATaskWhoseEndIsAlreadyOnItsWay) {
  asio::io_context loop;
  asio::steady_timer timer(loop, asio::steady_timer::time_point::max());
  TaskGroup group(loop.get_executor());
  group.spawn(wait_for(timer));
  loop.poll();
  timer.cancel();  // the task ends when the loop runs next
  group.cancel();
  run_until_done(loop, group.finish());
  EXPECT_EQ(group.size(), 0u);
}

TEST(TaskGroup, ForgetsTasksThatFail) {
  asio::io_context loop;
  TaskGroup group(loop.get_executor());
  group.spawn(fail());
  run_until_done(loop, group.finish());
  EXPECT_EQ(group.size(), 0u);
}

}  // namespace
}  // namespace raykeep::net
