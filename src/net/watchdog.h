// A deadline upon socket operations: when it passes, the watchdog runs `bite` (which closes the
// socket, so that the operation under way ends with an error) and remembers that it did.
#pragma once

#include <functional>
#include <memory>

#include <boost/asio/any_io_executor.hpp>

#include "base/clock.h"

namespace raykeep::net {

class Watchdog {
 public:
  /// Costs nothing when the deadline is never. `bite` is never called after the Watchdog is gone.
  Watchdog(const boost::asio::any_io_executor& executor, const Clock& clock, Deadline until,
           std::function<void()> bite);
  ~Watchdog();
  Watchdog(const Watchdog&) = delete;

  bool bit() const;

 private:
  struct State;
  std::shared_ptr<State> state_;  // null: never bites
};

}  // namespace raykeep::net
