#include "net/task_group.h"

#include <list>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace raykeep::net {

namespace asio = boost::asio;

struct TaskGroup::Task {
  asio::cancellation_signal signal;
  bool begun = false;
  bool cancelled = false;
  bool destroyed = false;  // with the loop, in the middle of its work: there is nothing to cancel
};

struct TaskGroup::State {
  explicit State(asio::any_io_executor e)
      : executor(e), idle(e, asio::steady_timer::time_point::max()) {}
  asio::any_io_executor executor;
  std::list<Task> running;
  asio::steady_timer idle;  // cancelled whenever the last task ends
};

// What Asio calls when a task has ended. Not bind_cancellation_slot(): a handler with an executor
// of its own makes co_spawn (Boost 1.81) post each cancellation that comes from outside the running
// executor, with a bare pointer to a signal that is gone if the task ends first. Without one it is
// passed on at once.
struct TaskGroup::Ended {
  Ended(std::shared_ptr<State> s, std::list<Task>::iterator t) : state(std::move(s)), task(t) {}
  Ended(Ended&&) = default;
  ~Ended() {
    if (state) task->destroyed = true;
  }

  using cancellation_slot_type = asio::cancellation_slot;
  cancellation_slot_type get_cancellation_slot() const noexcept { return task->signal.slot(); }

  void operator()(const std::exception_ptr&) {
    auto left = std::move(state);
    left->running.erase(task);
    if (left->running.empty()) left->idle.cancel();
  }

  std::shared_ptr<State> state;
  std::list<Task>::iterator task;
};

// A cancellation that reached co_spawn before the task has begun would leave it as an exception out
// of the executor's run(); so it is only remembered until then.
asio::awaitable<void> TaskGroup::begin(std::shared_ptr<State> state, Task* task,
                                       asio::awaitable<void> work) {
  task->begun = true;
  if (!task->cancelled) co_await std::move(work);
}

TaskGroup::TaskGroup(asio::any_io_executor executor) : state_(std::make_shared<State>(executor)) {}

TaskGroup::~TaskGroup() { cancel(); }

void TaskGroup::spawn(asio::awaitable<void> work) {
  auto task = state_->running.emplace(state_->running.end());
  asio::co_spawn(state_->executor, begin(state_, &*task, std::move(work)), Ended{state_, task});
}

std::size_t TaskGroup::size() const { return state_->running.size(); }

void TaskGroup::cancel() {
  for (auto& task : state_->running) {
    if (task.destroyed) continue;
    if (task.begun) {
      task.signal.emit(asio::cancellation_type::terminal);
    } else {
      task.cancelled = true;
    }
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
