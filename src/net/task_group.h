// Tasks that belong to somebody: they are cancelled when their owner goes, and none is left running
// behind it.
#pragma once

#include <cstddef>
#include <memory>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

namespace raykeep::net {

class TaskGroup {
 public:
  explicit TaskGroup(boost::asio::any_io_executor executor);

  /// Cancels what still runs. The tasks end when the executor runs next, so they must not refer to
  /// anything that goes with the owner; to be sure that they are done, await finish() first.
  ~TaskGroup();
  TaskGroup(const TaskGroup&) = delete;

  /// Runs `work` beside the caller. Its failures are its own business: what leaves it is dropped,
  /// so it must report by itself.
  void spawn(boost::asio::awaitable<void> work);

  std::size_t size() const;

  /// Cancels all tasks.
  void cancel();

  /// Waits until no task is left. A caller that may itself have been cancelled must first
  /// `co_await boost::asio::this_coro::throw_if_cancelled(false)`, or Asio does not even begin.
  boost::asio::awaitable<void> finish();

 private:
  struct Task;
  struct State;
  struct Ended;
  static boost::asio::awaitable<void> begin(std::shared_ptr<State> state, Task* task,
                                            boost::asio::awaitable<void> work);
  std::shared_ptr<State> state_;
};

}  // namespace raykeep::net
