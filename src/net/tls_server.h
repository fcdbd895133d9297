// TLS as a server: who we are, and which clients we let in. OpenSSL stays behind this header.
//
// A context never changes. Whoever accepts connections keeps a shared_ptr to the newest one and
// gives it to each new connection: so a renewed certificate is shown from the next handshake on,
// and connections that run go on as they are.
#pragma once

#include <memory>
#include <string>

#include "base/secret.h"
#include "net/certificate.h"

struct ssl_ctx_st;

namespace raykeep::net {

struct TlsServerOptions {
  std::string certificate_pem = {};  // with its chain
  Secret<std::string> key_pem = {};
  /// Clients must show a certificate that one of these signed; empty: they need none.
  std::string client_ca_pem = {};
  /// Of a client that offers protocols by ALPN (RFC 7301) take "http/1.1", or refuse it.
  bool http = true;
  bool http2 = false;  // take "h2" in its place, as gRPC wants it
};

/// Options turned into OpenSSL's form: TLS 1.2 and 1.3 with forward secrecy only, no renegotiation,
/// no session to resume (a ticket's key would outlive the certificate). Immutable, shared by
/// connections.
class TlsServerContext {
 public:
  /// Throws Failure::invalid when a PEM text cannot be used or key and certificate do not belong
  /// together.
  explicit TlsServerContext(TlsServerOptions options);
  ~TlsServerContext();
  TlsServerContext(const TlsServerContext&) = delete;

  bool wants_client_certificate() const { return !options_.client_ca_pem.empty(); }
  const CertificateFacts& certificate() const { return certificate_; }  // our own
  ssl_ctx_st* native() const { return context_; }

 private:
  TlsServerOptions options_;
  CertificateFacts certificate_ = {};
  ssl_ctx_st* context_ = nullptr;
};

}  // namespace raykeep::net
