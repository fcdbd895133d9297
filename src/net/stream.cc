#include "net/stream.h"

#include <sys/socket.h>

#include <fmt/format.h>
#include <openssl/err.h>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "net/certificate.h"
#include "net/watchdog.h"

namespace raykeep::net {
namespace {

namespace asio = boost::asio;
constexpr auto as_result = asio::as_tuple(asio::use_awaitable);
using Outcome = std::tuple<boost::system::error_code, std::size_t>;

// Alerts a peer sends arrive as SSL_AD_REASON_OFFSET + the number of RFC 8446 section 6.
bool is_alert(unsigned long code) {
  auto reason = ERR_GET_REASON(code);
  return ERR_GET_LIB(code) == ERR_LIB_SSL && reason >= SSL_AD_REASON_OFFSET &&
         reason < SSL_AD_REASON_OFFSET + 256;
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
  options_ = std::move(context);
  const auto& options = options_->options();
  verification_ = {.options = &options,
                   .name = options.server_name.empty() ? std::move(host) : options.server_name,
                   .peer = peer_,
                   .problem = ""};
  // Asio's context takes over a reference; the TlsContext keeps its own.
  SSL_CTX_up_ref(options_->native());
  context_ = std::make_unique<asio::ssl::context>(options_->native());
  tls_ = std::make_unique<TlsSocket>(std::move(*plain_), *context_);
  plain_.reset();
  expect_peer(tls_->native_handle(), verification_);

  Watchdog watchdog(executor(), clock_, until, [this] { close(); });
  auto [failed] = co_await tls_->async_handshake(asio::ssl::stream_base::client, as_result);
  if (failed) throw explain(failed, watchdog.bit(), "the TLS handshake");
}

awaitable<std::size_t> Stream::read_some(char* data, std::size_t size, Deadline until) {
  Watchdog watchdog(executor(), clock_, until, [this] { close(); });
  Outcome outcome;
  if (tls_) {
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
  if (tls_) {
    outcome = co_await asio::async_write(*tls_, asio::buffer(bytes), as_result);
  } else {
    outcome = co_await asio::async_write(*plain_, asio::buffer(bytes), as_result);
  }
  auto failed = std::get<0>(outcome);
  if (failed) throw explain(failed, watchdog.bit(), "sending the request");
}

std::size_t Stream::write_at_once(std::string_view bytes) {
  if (tls_ || !plain_->is_open()) return 0;
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
  using Kind = Failure::Kind;
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
    auto text = describe_tls_error(number);
    if (is_alert(number)) {
      return Failure(Kind::denied, fmt::format("{} refused the TLS connection: {}{}", peer_, text,
                                               own_certificate(options_->options())));
    }
    auto reason = ERR_GET_REASON(number);
    if (reason == SSL_R_WRONG_VERSION_NUMBER || reason == SSL_R_HTTP_REQUEST) {
      return Failure(Kind::invalid,
                     fmt::format("{} does not speak TLS: is the port right, or is that "
                                 "server in the clear (http://, TLS off)?",
                                 peer_));
    }
    return Failure(Kind::invalid, fmt::format("TLS with {} failed: {}", peer_, text));
  }
  if (code == asio::error::connection_reset || code == asio::error::broken_pipe) {
    return Failure(Kind::disconnected, fmt::format("connection reset by {}", peer_));
  }
  return Failure(Kind::disconnected, fmt::format("{} with {}: {}", doing, peer_, code.message()));
}

}  // namespace raykeep::net
