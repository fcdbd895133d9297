// TLS upon an accepted socket, by OpenSSL itself. Asio's ssl::stream keeps 68 KiB of buffers for
// each connection, whether anything moves or not; this keeps none, which counts where a thousand
// clients hold connections open. Internal to net: Stream explains its errors.
//
// One read and one write may be under way at once. Closing the socket ends both.
#pragma once

#include <string_view>
#include <tuple>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/system/error_code.hpp>

#include "net/tls_material.h"

namespace raykeep::net {

class TlsTransport {
 public:
  using Code = boost::system::error_code;

  TlsTransport(boost::asio::ip::tcp::socket socket, SSL_CTX* context);

  /// The server's part of the handshake. Errors are those of Asio's ssl::stream: OpenSSL's numbers
  /// in its category, stream_truncated where the peer ended without a word, eof where it said so.
  boost::asio::awaitable<Code> accept();

  boost::asio::awaitable<std::tuple<Code, std::size_t>> read_some(char* data, std::size_t size);
  boost::asio::awaitable<Code> write(std::string_view bytes);

  /// Says that nothing more will be written, and does not wait for the same of the peer.
  boost::asio::awaitable<Code> end_writing();

  SSL* native() { return ssl_.get(); }
  boost::asio::ip::tcp::socket& socket() { return socket_; }

 private:
  boost::asio::awaitable<Code> wait_after(int result);

  boost::asio::ip::tcp::socket socket_;
  std::unique_ptr<SSL, Free<SSL_free>> ssl_;
};

}  // namespace raykeep::net
