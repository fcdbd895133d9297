#include "net/task_group.h"

#include <list>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace raykeep::net {

namespace asio = boost::asio;

struct TaskGroup::State {
  explicit State(asio::any_io_executor e)
      : executor(e), idle(e, asio::steady_timer::time_point::max()) {}
  asio::any_io_executor executor;
  std::list<asio::cancellation_signal> running;
  asio::steady_timer idle;  // cancelled whenever the last task ends
};

TaskGroup::TaskGroup(asio::any_io_executor executor) : state_(std::make_shared<State>(executor)) {}

TaskGroup::~TaskGroup() { cancel(); }

void TaskGroup::spawn(asio::awaitable<void> task) {
  auto signal = state_->running.emplace(state_->running.end());
  asio::co_spawn(
      state_->executor, std::move(task),
      asio::bind_cancellation_slot(signal->slot(), [state = state_, signal](std::exception_ptr) {
        state->running.erase(signal);
        if (state->running.empty()) state->idle.cancel();
      }));
}

std::size_t TaskGroup::size() const { return state_->running.size(); }

void TaskGroup::cancel() {
  // Emitting may end a task at once, which takes it out of the list.
  for (auto it = state_->running.begin(); it != state_->running.end();) {
    (it++)->emit(asio::cancellation_type::terminal);
  }
}

asio::awaitable<void> TaskGroup::finish() {
  auto state = state_;
  // A second cancellation of the caller ends the wait below with an error, and the loop waits on.
  bool before = co_await asio::this_coro::throw_if_cancelled();
  co_await asio::this_coro::throw_if_cancelled(false);
  while (!state->running.empty()) {
    co_await state->idle.async_wait(asio::as_tuple(asio::use_awaitable));
  }
  co_await asio::this_coro::throw_if_cancelled(before);
}

}  // namespace raykeep::net
