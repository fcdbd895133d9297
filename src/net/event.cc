#include "net/event.h"

#include <list>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/error.h"

namespace raykeep::net {
namespace {

namespace asio = boost::asio;
constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

asio::awaitable<void> throw_if_cancelled() {
  auto state = co_await asio::this_coro::cancellation_state;
  if (state.cancelled() != asio::cancellation_type::none) {
    throw Failure(Failure::Kind::cancelled, "cancelled while waiting");
  }
}

}  // namespace

// A timer per waiter: a deadline of one must not move another's.
struct Event::State {
  asio::any_io_executor executor;
  std::list<asio::steady_timer*> waiting;
};

Event::Event(asio::any_io_executor executor) : state_(new State{std::move(executor), {}}) {}

Event::~Event() = default;

void Event::notify() {
  for (auto* timer : std::exchange(state_->waiting, {})) timer->cancel();
}

asio::awaitable<void> Event::wait(const Clock& clock, Deadline until) {
  asio::steady_timer timer(state_->executor);
  if (until.is_never()) {
    timer.expires_at(Instant::max());
  } else {
    timer.expires_after(until.left(clock));
  }
  state_->waiting.push_back(&timer);
  co_await timer.async_wait(as_result);
  state_->waiting.remove(&timer);
  co_await throw_if_cancelled();
}

asio::awaitable<void> pause(Duration time) {
  auto executor = co_await asio::this_coro::executor;
  asio::steady_timer timer(executor, time);
  co_await timer.async_wait(as_result);
  co_await throw_if_cancelled();
}

}  // namespace raykeep::net
