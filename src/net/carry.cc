#include "net/carry.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "net/task_group.h"

namespace raykeep::net {
namespace {

namespace asio = boost::asio;
constexpr std::size_t least_buffer = 1024;
constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

struct Carriage {
  Carriage(std::shared_ptr<Stream> c, std::shared_ptr<Stream> s, CarryOptions o,
           std::shared_ptr<Carried> so_far)
      : client(std::move(c)),
        server(std::move(s)),
        options(o),
        carried(std::move(so_far)),
        clock(client->clock()),
        moved(clock.now()),
        patience(client->executor()) {}

  Duration allowed() const {
    return server_ended ? std::min(options.idle, options.idle_after_server) : options.idle;
  }
  void end(bool to_client) {
    --ways;
    if (to_client) server_ended = true;
    patience.cancel();  // to look at the above
  }
  void abort() {
    client->abort();
    server->abort();
  }

  std::shared_ptr<Stream> client;
  std::shared_ptr<Stream> server;
  const CarryOptions options;
  std::shared_ptr<Carried> carried;
  const Clock& clock;
  Instant moved;  // when a byte was last taken or given
  asio::steady_timer patience;
  int ways = 2;  // that are not at their end
  bool server_ended = false;
};

/// A connection on which little moves keeps little memory.
void fit(std::vector<char>& buffer, std::size_t taken, std::size_t most) {
  if (taken == buffer.size() && taken < most) {
    buffer.resize(std::min(most, 4 * taken));
  } else if (taken < buffer.size() / 4 && buffer.size() > least_buffer) {
    buffer = std::vector<char>(std::max(least_buffer, taken));
  }
}

awaitable<void> one_way(std::shared_ptr<Carriage> self, bool to_client) {
  Stream& from = to_client ? *self->server : *self->client;
  Stream& to = to_client ? *self->client : *self->server;
  auto& count = to_client ? self->carried->to_client : self->carried->to_server;
  try {
    std::vector<char> buffer(least_buffer);
    for (;;) {
      auto size = co_await from.read_some(buffer.data(), buffer.size(), Deadline::never());
      self->moved = self->clock.now();
      if (size == 0) break;
      co_await to.write({buffer.data(), size}, Deadline::never());
      self->moved = self->clock.now();
      count += size;
      fit(buffer, size, self->options.buffer);
    }
    co_await to.end_writing(Deadline::never());
  } catch (const Failure&) {
    self->carried->broken = !self->carried->idle;
    self->abort();
  }
  self->end(to_client);
}

awaitable<void> watch(std::shared_ptr<Carriage> self) {
  while (self->ways > 0) {
    auto since = self->clock.now() - self->moved;
    if (since >= self->allowed()) {
      self->carried->idle = true;
      self->abort();
      co_return;
    }
    self->patience.expires_after(self->allowed() - since);
    auto [cancelled] = co_await self->patience.async_wait(as_result);
    auto state = co_await asio::this_coro::cancellation_state;
    if (cancelled && state.cancelled() != asio::cancellation_type::none) co_return;
  }
}

}  // namespace

awaitable<void> carry(std::shared_ptr<Stream> client, std::shared_ptr<Stream> server,
                      CarryOptions options, std::shared_ptr<Carried> so_far) {
  auto executor = client->executor();
  auto self =
      std::make_shared<Carriage>(std::move(client), std::move(server), options, std::move(so_far));
  TaskGroup tasks(executor);
  tasks.spawn(one_way(self, false));
  tasks.spawn(one_way(self, true));
  tasks.spawn(watch(self));
  co_await tasks.finish();
}

}  // namespace raykeep::net
