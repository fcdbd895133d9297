#include "net/tls_attempt.h"

#include <array>
#include <memory>
#include <utility>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "base/error.h"
#include "net/dial.h"
#include "net/openssl_handles.h"
#include "net/watchdog.h"

namespace raykeep::net {
namespace {

namespace asio = boost::asio;
constexpr auto as_result = asio::as_tuple(asio::use_awaitable);
using namespace std::string_view_literals;

// The preface and an empty SETTINGS frame.
constexpr std::string_view http2_words =
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00"sv;
constexpr std::string_view http1_words =
    "GET / HTTP/1.1\r\nHost: raykeep.invalid\r\nConnection: close\r\n\r\n";
constexpr std::string_view redis_words = "PING\r\n";

std::string_view words_of(Words words) {
  switch (words) {
    case Words::http2:
      return http2_words;
    case Words::http1:
      return http1_words;
    case Words::redis:
      break;
  }
  return redis_words;
}

/// What the server's handshake messages tell.
struct Heard {
  bool hello = false;
  bool asked = false;
};

void on_message(int sent, int, int type, const void* bytes, std::size_t size, SSL*, void* heard) {
  if (sent != 0 || type != SSL3_RT_HANDSHAKE || size == 0) return;
  const unsigned char message = *static_cast<const unsigned char*>(bytes);
  static_cast<Heard*>(heard)->hello |= message == SSL3_MT_SERVER_HELLO;
  static_cast<Heard*>(heard)->asked |= message == SSL3_MT_CERTIFICATE_REQUEST;
}

TlsContext context_for(const TlsOffer& offer) {
  return TlsContext({.verify = false,
                     .http = offer.words == Words::http1,
                     .client_certificate_pem = offer.certificate_pem,
                     .client_key_pem = offer.key_pem});
}

void narrow(SSL_CTX* context, const TlsOffer& offer) {
  static constexpr unsigned char http2[] = "\x02h2";
  if (offer.words == Words::http2) SSL_CTX_set_alpn_protos(context, http2, sizeof http2 - 1);
  if (offer.version == 0) return;
  const int version = offer.version == 10 ? TLS1_VERSION : TLS1_1_VERSION;
  // Their signatures are of MD5 and SHA-1, which OpenSSL 3 offers on level 0 only.
  SSL_CTX_set_security_level(context, 0);
  SSL_CTX_set_cipher_list(context, "ALL:@SECLEVEL=0");
  SSL_CTX_set_min_proto_version(context, version);
  SSL_CTX_set_max_proto_version(context, version);
}

std::string chain_of(const SSL* ssl) {
  std::string pem;
  STACK_OF(X509)* chain = SSL_get_peer_cert_chain(ssl);
  for (int i = 0; i < sk_X509_num(chain); ++i) {
    Bio out(BIO_new(BIO_s_mem()));
    PEM_write_bio_X509(out.get(), sk_X509_value(chain, i));
    char* data = nullptr;
    const long size = BIO_get_mem_data(out.get(), &data);
    pem.append(data, static_cast<std::size_t>(size));
  }
  return pem;
}

/// A peer that wants TLS says so with an alert: type 21, major version 3 (RFC 8446, 5.1).
bool is_alert(std::string_view bytes) { return bytes.starts_with("\x15\x03"); }

asio::awaitable<void> throw_if_cancelled() {
  auto state = co_await asio::this_coro::cancellation_state;
  if (state.cancelled() != asio::cancellation_type::none)
    throw Failure(Failure::Kind::cancelled, "cancelled while trying a port");
}

/// How an operation ended that did not go well. Throws where it was the caller's own cancellation.
asio::awaitable<void> note_end(boost::system::error_code failed, bool timed_out,
                               TlsAttempt& attempt) {
  if (timed_out) {
    attempt.response = Reception::silent;
    co_return;
  }
  co_await throw_if_cancelled();
  attempt.response = Reception::refused;
  attempt.detail = failed == asio::error::eof || failed == asio::ssl::error::stream_truncated
                       ? "the connection was closed"
                       : failed.message();
  if (failed.category() != asio::error::get_ssl_category()) co_return;
  const auto number = static_cast<unsigned long>(failed.value());
  attempt.detail = describe_tls_error(number);
  if (ERR_GET_REASON(number) == SSL_R_WRONG_VERSION_NUMBER) attempt.response = Reception::not_tls;
}

/// Says the words and waits for what comes back.
template <class Socket>
asio::awaitable<void> talk(Socket& socket, std::string_view words, const Watchdog& watchdog,
                           TlsAttempt& attempt) {
  std::array<char, 64> answer;
  // When they cannot be sent: what the peer said before it closed can still be read.
  co_await asio::async_write(socket, asio::buffer(words), as_result);
  auto [failed, count] = co_await socket.async_read_some(asio::buffer(answer), as_result);
  if (failed) {
    co_await note_end(failed, watchdog.bit(), attempt);
    co_return;
  }
  const bool alert = is_alert({answer.data(), count});
  attempt.response = alert ? Reception::refused : Reception::taken;
  if (alert) attempt.detail = "it wants TLS";
}

asio::awaitable<void> shake_and_talk(tcp::socket socket, TlsOffer offer, Deadline until,
                                     const Clock& clock, TlsAttempt& attempt) {
  const TlsContext context = context_for(offer);
  narrow(context.native(), offer);
  SSL_CTX_up_ref(context.native());  // Asio's context takes over a reference
  asio::ssl::context for_asio(context.native());
  TlsSocket tls(std::move(socket), for_asio);
  SSL* ssl = tls.native_handle();
  Heard heard;
  SSL_set_msg_callback(ssl, on_message);
  SSL_set_msg_callback_arg(ssl, &heard);
  Watchdog watchdog(tls.get_executor(), clock, until, [&tls] {
    boost::system::error_code ignored;
    tls.next_layer().close(ignored);
  });
  auto [failed] = co_await tls.async_handshake(asio::ssl::stream_base::client, as_result);
  attempt.shaken = !failed;
  if (failed) {
    co_await note_end(failed, watchdog.bit(), attempt);
  } else {
    co_await talk(tls, words_of(offer.words), watchdog, attempt);
  }
  attempt.asked = heard.asked;
  if (heard.hello) attempt.version = SSL_get_version(ssl);
  attempt.chain_pem = chain_of(ssl);
  // Whatever it then thought of the certificate, it agreed to this version.
  if (offer.version != 0 && heard.hello) attempt.response = Reception::taken;
}

}  // namespace

std::string_view to_string(Reception response) {
  switch (response) {
    case Reception::taken:
      return "taken";
    case Reception::refused:
      return "refused";
    case Reception::silent:
      return "silent";
    case Reception::not_tls:
      return "not TLS";
    case Reception::no_connection:
      break;
  }
  return "no connection";
}

asio::awaitable<TlsAttempt> attempt_tls(asio::any_io_executor executor, std::string host, int port,
                                        TlsOffer offer, Deadline until, const Clock& clock) {
  TlsAttempt attempt;
  std::unique_ptr<Stream> stream;
  try {
    Route route;
    route.server.host = std::move(host);
    route.server.port = port;
    stream = co_await dial(executor, std::move(route), until, clock);
  } catch (const Failure& failure) {
    if (failure.kind() == Failure::Kind::cancelled) throw;
    attempt.detail = failure.what();
    co_return attempt;
  }
  tcp::socket socket = std::move(*stream->plain());
  if (offer.tls) {
    co_await shake_and_talk(std::move(socket), std::move(offer), until, clock, attempt);
    co_return attempt;
  }
  Watchdog watchdog(executor, clock, until, [&socket] {
    boost::system::error_code ignored;
    socket.close(ignored);
  });
  co_await talk(socket, words_of(offer.words), watchdog, attempt);
  co_return attempt;
}

}  // namespace raykeep::net
