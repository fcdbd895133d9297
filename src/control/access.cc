#include "control/access.h"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace raykeep::control {

awaitable<void> pause(Duration span) {
  auto executor = co_await boost::asio::this_coro::executor;
  boost::asio::steady_timer timer(executor, span);
  try {
    co_await timer.async_wait(boost::asio::use_awaitable);
  } catch (const boost::system::system_error&) {
    throw Failure(Failure::Kind::cancelled, "wait: stopped");
  }
}

}  // namespace raykeep::control
