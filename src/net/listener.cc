#include "net/listener.h"

#include <utility>

#include "net/event.h"
#include "net/url.h"

namespace raykeep::net {
namespace {

namespace asio = boost::asio;
constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

// When there is no file descriptor left, trying at once again would only burn the processor.
constexpr auto shortage_pause = std::chrono::milliseconds(50);

tcp::acceptor listen(const asio::any_io_executor& executor, const std::string& address, int port) {
  try {
    // Sets SO_REUSEADDR: a port whose last connections are in TIME_WAIT can be taken again.
    return tcp::acceptor(executor, tcp::endpoint(asio::ip::make_address(address),
                                                 static_cast<asio::ip::port_type>(port)));
  } catch (const boost::system::system_error& problem) {
    throw Failure(
        Failure::Kind::invalid,
        fmt::format("listen on {}: {}", host_and_port(address, port), problem.code().message()));
  }
}

}  // namespace

Listener::Listener(asio::any_io_executor executor, const std::string& address, int port,
                   const Clock& clock)
    : acceptor_(listen(executor, address, port)),
      clock_(clock),
      port_(acceptor_.local_endpoint().port()) {}

awaitable<std::unique_ptr<Stream>> Listener::accept() {
  for (;;) {
    auto [failed, socket] = co_await acceptor_.async_accept(as_result);
    if (!failed) {
      boost::system::error_code gone;
      auto peer = socket.remote_endpoint(gone);
      if (gone) continue;
      socket.set_option(tcp::no_delay(true), gone);
      co_return std::make_unique<Stream>(
          std::move(socket), host_and_port(peer.address().to_string(), peer.port()), clock_);
    }
    if (failed == asio::error::operation_aborted || !acceptor_.is_open()) {
      throw Failure(Failure::Kind::cancelled, "cancelled while waiting for connections");
    }
    if (failed == asio::error::connection_aborted) continue;
    co_await pause(shortage_pause);
  }
}

void Listener::close() {
  boost::system::error_code ignored;
  acceptor_.close(ignored);
}

}  // namespace raykeep::net
