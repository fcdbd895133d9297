// A connected stream of bytes: TCP, or TLS upon TCP. One read and one write may be under way at
// once.
//
// Every failure leaves as a Failure whose text is a sentence that names the peer. A stream that
// failed, or on which an operation was cancelled, is only good for being destroyed.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>

#include "base/clock.h"
#include "base/error.h"
#include "net/certificate.h"
#include "net/tls.h"
#include "net/tls_server.h"
#include "net/tls_transport.h"
#include "net/tls_verify.h"

namespace raykeep::net {

using boost::asio::awaitable;
using boost::asio::ip::tcp;
using TlsSocket = boost::asio::ssl::stream<tcp::socket>;

class Stream {
 public:
  /// `peer` is for messages: "10.0.0.1:6443".
  Stream(tcp::socket socket, std::string peer, const Clock& clock);
  Stream(const Stream&) = delete;

  /// Turns the TCP connection into TLS. `host` is what was dialled.
  awaitable<void> start_tls(std::shared_ptr<const TlsContext> context, std::string host,
                            Deadline until);

  /// The same as the server of an accepted connection. Throws Failure: denied when one side refuses
  /// the other's certificate, invalid when the client speaks no TLS that we do, disconnected when
  /// it goes, or is not done in time.
  awaitable<void> accept_tls(std::shared_ptr<const TlsServerContext> context, Deadline until);

  /// The certificate that the peer showed in the handshake; nothing when it showed none, or when it
  /// was not verified.
  std::optional<CertificateFacts> peer_certificate() const;

  /// At least one byte, or 0 when the peer has ended the stream in good order.
  awaitable<std::size_t> read_some(char* data, std::size_t size, Deadline until);

  awaitable<void> write(std::string_view bytes, Deadline until);

  /// Says that nothing more will be written; reading goes on. Only once, and never while a write()
  /// is under way.
  awaitable<void> end_writing(Deadline until);

  /// Ends writing, and throws away what the peer still sends, at most a MiB: closing the connection
  /// meanwhile would reset it, and take along what was written last. Throws no Failure.
  awaitable<void> end_gently(Deadline until);

  /// A peer that vanishes without a word (a node that lost power, a firewall that forgot us) is
  /// noticed from now on within about half a minute, also while nothing happens.
  void notice_dead_peer();

  /// Writes at once what the connection takes without waiting, and gives how much that was: 0 with
  /// TLS, when it is full, and when it is broken, which the next write() tells. Never while a
  /// write() is under way.
  std::size_t write_at_once(std::string_view bytes);

  /// True when the peer closed the connection, or sent something nobody asked for, while it lay
  /// idle.
  bool is_stale();

  /// Ends any operation under way; it fails as cancelled.
  void close();

  /// The same, and what was not sent yet never will be, nor sent again by the kernel.
  void abort();

  const std::string& peer() const { return peer_; }
  const Clock& clock() const { return clock_; }
  boost::asio::any_io_executor executor() { return socket().get_executor(); }

  /// Of a connection that was dialled exactly one of them is set. For WebSocket, which runs Beast
  /// upon the socket itself.
  std::optional<tcp::socket>& plain() { return plain_; }
  std::unique_ptr<TlsSocket>& tls() { return tls_; }

  /// The Failure for an error of a socket operation; `timed_out` when the deadline ended it.
  Failure explain(const boost::system::error_code& code, bool timed_out, std::string_view doing);

 private:
  tcp::socket& socket() {
    return accepted_ ? accepted_->socket() : tls_ ? tls_->next_layer() : *plain_;
  }
  SSL* ssl() const {
    return accepted_ ? accepted_->native() : tls_ ? tls_->native_handle() : nullptr;
  }
  Failure explain_as_client(unsigned long error);
  Failure explain_as_server(unsigned long error);

  std::string peer_;
  const Clock& clock_;
  std::optional<tcp::socket> plain_;
  std::unique_ptr<boost::asio::ssl::context> context_;
  std::shared_ptr<const TlsContext> client_;        // as which end we spoke TLS
  std::shared_ptr<const TlsServerContext> server_;  // the other one, then
  Verification verification_;
  std::unique_ptr<TlsSocket> tls_;
  std::unique_ptr<TlsTransport> accepted_;  // after accept_tls()
};

}  // namespace raykeep::net
