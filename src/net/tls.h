// TLS as a client: whom we believe, and who we say we are. OpenSSL stays behind this header.
//
// Names are checked as Go checks them, because the API server's certificates are made for Go
// clients: only subject alternative names count, never the common name. The machine's openssl.cnf
// is not read: a static program must behave the same on every host.
#pragma once

#include <memory>
#include <string>

#include "base/secret.h"

struct ssl_ctx_st;

namespace raykeep::net {

struct TlsOptions {
  std::string ca_pem = {};       // one or more certificates; empty: the system's roots
  std::string ca_origin = {};    // where ca_pem came from, for messages: "certificate-authority of
                                 // cluster x in FILE"
  std::string server_name = {};  // for SNI and the certificate; empty: the host that is dialled
  bool verify = true;
  bool http = true;                         // offer "http/1.1" by ALPN (RFC 7301)
  std::string client_certificate_pem = {};  // with its chain; empty: none
  Secret<std::string> client_key_pem = {};
};

/// Options turned into OpenSSL's form. Immutable, shared by connections.
class TlsContext {
 public:
  /// Throws Failure::invalid when a PEM text cannot be used or key and certificate do not belong
  /// together.
  explicit TlsContext(TlsOptions options);
  ~TlsContext();
  TlsContext(const TlsContext&) = delete;

  const TlsOptions& options() const { return options_; }
  ssl_ctx_st* native() const { return context_; }

 private:
  TlsOptions options_;
  ssl_ctx_st* context_;
};

}  // namespace raykeep::net
