// Waiting for something that another coroutine of the same thread does, or for a while to pass.
#pragma once

#include <memory>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "base/clock.h"

namespace raykeep::net {

/// Wakes who waits. It remembers nothing: look at the condition, wait, look again.
class Event {
 public:
  explicit Event(boost::asio::any_io_executor executor);
  ~Event();
  Event(const Event&) = delete;

  /// Everybody who waits now goes on when the executor runs next.
  void notify();

  /// Until the next notify() or the deadline. Throws Failure::cancelled when the caller is
  /// cancelled. The Event must live until the wait is over.
  boost::asio::awaitable<void> wait(const Clock& clock, Deadline until = Deadline::never());

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Waits for `time`. Throws Failure::cancelled when the caller is cancelled.
boost::asio::awaitable<void> pause(Duration time);

}  // namespace raykeep::net
