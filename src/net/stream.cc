#include "net/stream.h"

#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <openssl/err.h>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "net/watchdog.h"

namespace raykeep::net {
namespace {

namespace asio = boost::asio;
constexpr auto as_result = asio::as_tuple(asio::use_awaitable);
using Outcome = std::tuple<boost::system::error_code, std::size_t>;
using Kind = Failure::Kind;

// Alerts a peer sends arrive as SSL_AD_REASON_OFFSET + the number of RFC 8446 section 6.
bool is_alert(unsigned long code) {
  auto reason = ERR_GET_REASON(code);
  return ERR_GET_LIB(code) == ERR_LIB_SSL && reason >= SSL_AD_REASON_OFFSET &&
         reason < SSL_AD_REASON_OFFSET + 256;
}

std::string authorities_of(const TlsOptions& options) {
  if (options.ca_pem.empty()) return "the system's certificate authorities";
  return options.ca_origin.empty() ? "the given certificate authority" : options.ca_origin;
}

std::string own_certificate(const TlsOptions& options) {
  auto facts = read_certificate(options.client_certificate_pem);
  if (!facts) return "; it may want a client certificate, and none is configured";
  if (facts->not_after < std::chrono::system_clock::now()) {
    return fmt::format(
        "; our client certificate ({}) expired on {}: log in again or ask for a new one",
        facts->subject, to_date(facts->not_after));
  }
  return fmt::format("; our client certificate is {}, issued by {}, valid until {}", facts->subject,
                     facts->issuer, to_date(facts->not_after));
}

}  // namespace

Stream::Stream(tcp::socket socket, std::string peer, const Clock& clock)
    : peer_(std::move(peer)), clock_(clock), plain_(std::move(socket)) {}

awaitable<void> Stream::start_tls(std::shared_ptr<const TlsContext> context, std::string host,
                                  Deadline until) {
  client_ = std::move(context);
  const auto& options = client_->options();
  verification_ = {.verify = options.verify,
                   .authorities = authorities_of(options),
                   .name = options.server_name.empty() ? std::move(host) : options.server_name,
                   .peer = peer_};
  // Asio's context takes over a reference; the TlsContext keeps its own.
  SSL_CTX_up_ref(client_->native());
  context_ = std::make_unique<asio::ssl::context>(client_->native());
  tls_ = std::make_unique<TlsSocket>(std::move(*plain_), *context_);
  plain_.reset();
  expect_peer(tls_->native_handle(), verification_);

  Watchdog watchdog(executor(), clock_, until, [this] { close(); });
  auto [failed] = co_await tls_->async_handshake(asio::ssl::stream_base::client, as_result);
  if (failed) throw explain(failed, watchdog.bit(), "the TLS handshake");
}

awaitable<void> Stream::accept_tls(std::shared_ptr<const TlsServerContext> context,
                                   Deadline until) {
  server_ = std::move(context);
  verification_ = {.verify = server_->wants_client_certificate(),
                   .authorities = "our list of client authorities",
                   .peer = peer_};
  accepted_ = std::make_unique<TlsTransport>(std::move(*plain_), server_->native());
  plain_.reset();
  if (verification_.verify) expect_client(accepted_->native(), verification_);

  Watchdog watchdog(executor(), clock_, until, [this] { close(); });
  auto failed = co_await accepted_->accept();
  if (failed) throw explain(failed, watchdog.bit(), "the TLS handshake");
}

std::optional<CertificateFacts> Stream::peer_certificate() const {
  if (ssl() == nullptr || !verification_.verify) return std::nullopt;
  auto certificate = SSL_get0_peer_certificate(ssl());
  if (!certificate) return std::nullopt;
  return facts_of(certificate);
}

awaitable<std::size_t> Stream::read_some(char* data, std::size_t size, Deadline until) {
  Watchdog watchdog(executor(), clock_, until, [this] { close(); });
  Outcome outcome;
  if (accepted_) {
    outcome = co_await accepted_->read_some(data, size);
  } else if (tls_) {
    outcome = co_await tls_->async_read_some(asio::buffer(data, size), as_result);
  } else {
    outcome = co_await plain_->async_read_some(asio::buffer(data, size), as_result);
  }
  auto [failed, count] = outcome;
  if (failed == asio::error::eof && !watchdog.bit()) co_return 0;
  if (failed) throw explain(failed, watchdog.bit(), "the answer");
  co_return count;
}

awaitable<void> Stream::write(std::string_view bytes, Deadline until) {
  Watchdog watchdog(executor(), clock_, until, [this] { close(); });
  Outcome outcome;
  if (accepted_) {
    std::get<0>(outcome) = co_await accepted_->write(bytes);
  } else if (tls_) {
    outcome = co_await asio::async_write(*tls_, asio::buffer(bytes), as_result);
  } else {
    outcome = co_await asio::async_write(*plain_, asio::buffer(bytes), as_result);
  }
  auto failed = std::get<0>(outcome);
  if (failed) throw explain(failed, watchdog.bit(), "sending the request");
}

awaitable<void> Stream::end_writing(Deadline until) {
  boost::system::error_code failed;
  Watchdog watchdog(executor(), clock_, until, [this] { close(); });
  if (accepted_) {
    failed = co_await accepted_->end_writing();
  } else if (tls_) {
    // Asio's own shutdown waits for the peer's end, too, and fails when data comes in its place. So
    // the alert (RFC 8446, 6.1) is taken out of OpenSSL here, and sent on the socket itself.
    BIO* alert = BIO_new(BIO_s_mem());
    SSL_set0_wbio(ssl(), alert);
    SSL_shutdown(ssl());
    ERR_clear_error();
    char* data = nullptr;
    auto size = BIO_get_mem_data(alert, &data);
    Outcome outcome = co_await asio::async_write(
        socket(), asio::buffer(data, static_cast<std::size_t>(size)), as_result);
    failed = std::get<0>(outcome);
  }
  if (!failed) socket().shutdown(tcp::socket::shutdown_send, failed);
  if (failed) throw explain(failed, watchdog.bit(), "ending the stream");
}

awaitable<void> Stream::end_gently(Deadline until) {
  try {
    co_await end_writing(until);
    std::array<char, 4096> thrown_away;
    for (std::size_t left = std::size_t{1} << 20; left > 0;) {
      auto count = co_await read_some(thrown_away.data(), thrown_away.size(), until);
      if (count == 0) break;
      left -= std::min(count, left);
    }
  } catch (const Failure&) {
    // It is to end, and it did.
  }
}

void Stream::notice_dead_peer() {
  boost::system::error_code ignored;
  socket().set_option(asio::socket_base::keep_alive(true), ignored);
  int fd = socket().native_handle();
  int idle = 15, interval = 5, probes = 3, unacknowledged_ms = 30'000;
  setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof idle);
  setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof interval);
  setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof probes);
  setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &unacknowledged_ms, sizeof unacknowledged_ms);
}

std::size_t Stream::write_at_once(std::string_view bytes) {
  if (!plain_ || !plain_->is_open()) return 0;
  auto count =
      send(plain_->native_handle(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  return count < 0 ? 0 : static_cast<std::size_t>(count);
}

bool Stream::is_stale() {
  char byte;
  auto count = recv(socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return !(count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK));
}

void Stream::close() {
  boost::system::error_code ignored;
  socket().close(ignored);
}

void Stream::abort() {
  boost::system::error_code ignored;
  socket().set_option(asio::socket_base::linger(true, 0), ignored);
  close();
}

Failure Stream::explain(const boost::system::error_code& code, bool timed_out,
                        std::string_view doing) {
  if (timed_out) {
    return Failure(Kind::disconnected,
                   fmt::format("timeout: {} from {} did not come in time", doing, peer_));
  }
  if (!verification_.problem.empty()) return Failure(Kind::denied, verification_.problem);
  if (code == asio::error::operation_aborted) {
    return Failure(Kind::cancelled, fmt::format("cancelled while waiting for {}", peer_));
  }
  if (code == asio::error::eof || code == asio::ssl::error::stream_truncated) {
    return Failure(Kind::disconnected,
                   fmt::format("{} closed the connection during {}", peer_, doing));
  }
  if (code.category() == asio::error::get_ssl_category()) {
    auto number = static_cast<unsigned long>(code.value());
    return server_ ? explain_as_server(number) : explain_as_client(number);
  }
  if (code == asio::error::connection_reset || code == asio::error::broken_pipe) {
    return Failure(Kind::disconnected, fmt::format("connection reset by {}", peer_));
  }
  return Failure(Kind::disconnected, fmt::format("{} with {}: {}", doing, peer_, code.message()));
}

Failure Stream::explain_as_client(unsigned long error) {
  auto text = describe_tls_error(error);
  if (is_alert(error)) {
    return Failure(Kind::denied, fmt::format("{} refused the TLS connection: {}{}", peer_, text,
                                             own_certificate(client_->options())));
  }
  auto reason = ERR_GET_REASON(error);
  if (reason == SSL_R_WRONG_VERSION_NUMBER || reason == SSL_R_HTTP_REQUEST) {
    return Failure(Kind::invalid,
                   fmt::format("{} does not speak TLS: is the port right, or is that "
                               "server in the clear (http://, TLS off)?",
                               peer_));
  }
  return Failure(Kind::invalid, fmt::format("TLS with {} failed: {}", peer_, text));
}

Failure Stream::explain_as_server(unsigned long error) {
  auto text = describe_tls_error(error);
  if (is_alert(error)) {
    const auto& own = server_->certificate();
    return Failure(
        Kind::denied,
        fmt::format("{} broke the TLS handshake off: {}; our certificate is {}, issued by {}, "
                    "valid until {}",
                    peer_, text, own.subject, own.issuer, to_date(own.not_after)));
  }
  switch (ERR_GET_REASON(error)) {
    case SSL_R_HTTP_REQUEST:
    case SSL_R_WRONG_VERSION_NUMBER:
      return Failure(Kind::invalid,
                     fmt::format("{} does not speak TLS, and nothing else is spoken here", peer_));
    case SSL_R_UNSUPPORTED_PROTOCOL:
      return Failure(Kind::invalid, fmt::format("{} speaks no TLS newer than 1.1", peer_));
    case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
      return Failure(Kind::denied, fmt::format("{} shows no certificate of its own", peer_));
    default:
      return Failure(Kind::invalid, fmt::format("TLS with {} failed: {}", peer_, text));
  }
}

}  // namespace raykeep::net
