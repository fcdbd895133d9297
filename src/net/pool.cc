#include "net/pool.h"

#include <algorithm>
#include <exception>
#include <utility>

#include <boost/asio/this_coro.hpp>

#include "base/error.h"
#include "net/task_group.h"

namespace raykeep::net {
namespace {

using boost::asio::awaitable;

awaitable<void> work_off(std::deque<Job>& jobs) {
  while (!jobs.empty()) {
    Job job = std::move(jobs.front());
    jobs.pop_front();
    co_await job();
  }
}

}  // namespace

awaitable<void> do_all(std::deque<Job> jobs, std::size_t at_once) {
  TaskGroup workers(co_await boost::asio::this_coro::executor);
  const std::size_t count = std::min(at_once, jobs.size());  // it shrinks as they begin
  for (std::size_t i = 0; i < count; ++i) workers.spawn(work_off(jobs));
  std::exception_ptr problem;
  try {
    co_await workers.finish();
  } catch (...) {
    problem = std::current_exception();
  }
  auto state = co_await boost::asio::this_coro::cancellation_state;
  if (!problem && state.cancelled() == boost::asio::cancellation_type::none) co_return;
  co_await boost::asio::this_coro::throw_if_cancelled(false);
  workers.cancel();
  co_await workers.finish();
  if (problem) std::rethrow_exception(problem);
  throw Failure(Failure::Kind::cancelled, "stopped");
}

}  // namespace raykeep::net
