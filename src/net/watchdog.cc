#include "net/watchdog.h"

#include <utility>

#include <boost/asio/steady_timer.hpp>

namespace raykeep::net {

struct Watchdog::State {
  boost::asio::steady_timer timer;
  std::function<void()> bite;
  bool bit = false;
};

Watchdog::Watchdog(const boost::asio::any_io_executor& executor, const Clock& clock, Deadline until,
                   std::function<void()> bite) {
  if (until.is_never()) return;
  state_.reset(new State{boost::asio::steady_timer(executor), std::move(bite)});
  state_->timer.expires_after(until.left(clock));
  state_->timer.async_wait([state = state_](boost::system::error_code) {
    // `bite` is empty once the owner is gone, also when the timer fired and was cancelled too late.
    if (!state->bite) return;
    state->bit = true;
    state->bite();
  });
}

Watchdog::~Watchdog() {
  if (!state_) return;
  state_->bite = nullptr;
  state_->timer.cancel();
}

bool Watchdog::bit() const { return state_ && state_->bit; }

}  // namespace raykeep::net
