// One try of a port with something that it should take or refuse: plaintext, no certificate, a
// foreign one, an old version of TLS, or what is right. What the peer says is looked at and thrown
// away; whether its certificate is to be believed is not judged here (chain.h does).
//
// With TLS 1.3 a client's handshake is done before the server has seen the client's certificate
// (RFC 8446, 2): a refusal comes with the first read. So a port has taken an offer only when bytes
// of the protocol behind it came back.
#pragma once

#include <string>
#include <string_view>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "base/clock.h"
#include "base/secret.h"

namespace raykeep::net {

/// What is said first, which servers of that protocol answer at once, and harms none.
enum class Words {
  http2,  // the connection preface (RFC 9113, 3.4), as gRPC's clients send it
  http1,  // GET /
  redis,  // PING
};

struct TlsOffer {
  bool tls = true;  // false: the words in plaintext
  Words words = Words::http2;
  int version = 0;                   // 10 or 11: nothing but TLS 1.0 or 1.1; 0: 1.2 and 1.3
  std::string certificate_pem = {};  // of the client; empty: none
  Secret<std::string> key_pem = {};
};

enum class Reception {
  taken,          // the protocol behind answered; or an old version of TLS was agreed to
  refused,        // an alert, a reset or an end before a byte of that protocol
  silent,         // nothing within the time: neither
  not_tls,        // TLS was offered, and something else came back
  no_connection,  // nobody took the TCP connection
};
std::string_view to_string(Reception response);

struct TlsAttempt {
  Reception response = Reception::no_connection;
  bool shaken = false;         // our side of the handshake was completed
  bool asked = false;          // the server asked for a certificate
  std::string version = {};    // "TLSv1.3"; empty: the server did not agree to any
  std::string chain_pem = {};  // what the server showed, its own certificate first
  std::string detail = {};     // how it was refused, in OpenSSL's or the system's words
};

/// `host` is an address or a name. Throws Failure: invalid when the offer's certificate cannot be
/// used, cancelled.
boost::asio::awaitable<TlsAttempt> attempt_tls(boost::asio::any_io_executor executor,
                                               std::string host, int port, TlsOffer offer,
                                               Deadline until, const Clock& clock);

}  // namespace raykeep::net
