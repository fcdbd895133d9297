#include "net/tls.h"

#include <cstdlib>
#include <utility>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "net/tls_material.h"

namespace raykeep::net {
namespace {

// The places where Linux distributions keep their roots, in the order of Go's crypto/x509
// (root_linux.go).
constexpr const char* root_files[] = {
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/pki/tls/cacert.pem",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/cert.pem",
};

void load_system_roots(SSL_CTX* context) {
  const char* file = std::getenv("SSL_CERT_FILE");
  const char* folder = std::getenv("SSL_CERT_DIR");
  if (file || folder) {
    SSL_CTX_load_verify_locations(context, file, folder);
  } else {
    for (auto candidate : root_files) {
      if (SSL_CTX_load_verify_locations(context, candidate, nullptr) == 1) break;
    }
  }
  ERR_clear_error();  // no roots at all: every server is unknown, and the handshake says so
}

}  // namespace

TlsContext::TlsContext(TlsOptions options) : options_(std::move(options)), context_(nullptr) {
  auto context = new_ssl_context(TLS_client_method());
  static constexpr unsigned char http11[] = "\x08http/1.1";
  if (options_.http) SSL_CTX_set_alpn_protos(context.get(), http11, sizeof http11 - 1);
  if (options_.verify) {
    if (options_.ca_pem.empty()) {
      load_system_roots(context.get());
    } else {
      load_authorities(context.get(), options_.ca_pem,
                       options_.ca_origin.empty() ? "CA file" : options_.ca_origin);
    }
  }
  if (!options_.client_certificate_pem.empty())
    load_identity(context.get(), options_.client_certificate_pem, options_.client_key_pem,
                  "client");
  context_ = context.release();
}

TlsContext::~TlsContext() { SSL_CTX_free(context_); }

}  // namespace raykeep::net
