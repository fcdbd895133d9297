#include "net/listener.h"

#include <utility>

#include <boost/asio/ip/v6_only.hpp>

#include "net/event.h"
#include "net/url.h"

namespace raykeep::net {
namespace {

namespace asio = boost::asio;
constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

// When there is no file descriptor left, trying at once again would only burn the processor.
constexpr auto shortage_pause = std::chrono::milliseconds(50);

tcp::acceptor listen_on(const asio::any_io_executor& executor, const asio::ip::address& address,
                        int port, bool any) {
  tcp::endpoint endpoint(address, static_cast<asio::ip::port_type>(port));
  tcp::acceptor acceptor(executor);
  acceptor.open(endpoint.protocol());
  // A port whose last connections are in TIME_WAIT can be taken again.
  acceptor.set_option(asio::socket_base::reuse_address(true));
  if (any && address.is_v6()) acceptor.set_option(asio::ip::v6_only(false));
  acceptor.bind(endpoint);
  acceptor.listen();
  return acceptor;
}

tcp::acceptor listen(const asio::any_io_executor& executor, const std::string& address, int port) {
  bool any = address.empty();
  try {
    if (!any) return listen_on(executor, asio::ip::make_address(address), port, any);
    try {
      return listen_on(executor, asio::ip::address_v6::any(), port, any);
    } catch (const boost::system::system_error& problem) {
      // Kernels without IPv6; a port that is taken is taken in both.
      if (problem.code() == asio::error::address_in_use) throw;
      return listen_on(executor, asio::ip::address_v4::any(), port, any);
    }
  } catch (const boost::system::system_error& problem) {
    throw Failure(Failure::Kind::invalid,
                  fmt::format("listen on {}: {}", host_and_port(any ? "*" : address, port),
                              problem.code().message()));
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
      auto address = peer.address();
      if (address.is_v6() && address.to_v6().is_v4_mapped())  // "::ffff:10.0.0.1"
        address = asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
      co_return std::make_unique<Stream>(std::move(socket),
                                         host_and_port(address.to_string(), peer.port()), clock_);
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
