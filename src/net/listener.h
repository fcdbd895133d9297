// Accepting TCP connections on one address.
#pragma once

#include <memory>
#include <string>

#include "net/stream.h"

namespace raykeep::net {

class Listener {
 public:
  /// Listens on an IP address ("127.0.0.1", "::", "0.0.0.0"; empty: every address, IPv6 and IPv4)
  /// and a port, 0 for any free one. Throws Failure::invalid when it cannot: the text names address
  /// and reason. The clock must outlive the streams.
  Listener(boost::asio::any_io_executor executor, const std::string& address, int port,
           const Clock& clock);

  /// The next connection; its peer is "127.0.0.1:54321". Waits out what passes by itself (too many
  /// open files). Throws Failure::cancelled when the caller is cancelled or the listener closed.
  awaitable<std::unique_ptr<Stream>> accept();

  /// Connections that wait to be accepted are reset, new ones refused.
  void close();

  int port() const { return port_; }

 private:
  tcp::acceptor acceptor_;
  const Clock& clock_;
  int port_ = 0;
};

}  // namespace raykeep::net
