#include "net/tls.h"

#include <cstdlib>
#include <utility>

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include "base/error.h"
#include "net/openssl_handles.h"
#include "net/tls_verify.h"

namespace raykeep::net {
namespace {

Bio reader(const std::string& text) {
  return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

[[noreturn]] void refuse(std::string text) {
  ERR_clear_error();
  throw Failure(Failure::Kind::invalid, text);
}

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

void load_ca(SSL_CTX* context, const TlsOptions& options) {
  auto store = SSL_CTX_get_cert_store(context);
  auto bio = reader(options.ca_pem);
  int count = 0;
  while (Certificate certificate{PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)}) {
    X509_STORE_add_cert(store, certificate.get());
    ++count;
  }
  ERR_clear_error();
  if (count == 0) {
    refuse(
        fmt::format("{}: no certificate in it; it must be PEM text (-----BEGIN CERTIFICATE-----)",
                    options.ca_origin.empty() ? "CA file" : options.ca_origin));
  }
}

int no_password(char*, int, int, void*) { return -1; }

void load_identity(SSL_CTX* context, const TlsOptions& options) {
  auto bio = reader(options.client_certificate_pem);
  Certificate leaf(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
  if (!leaf) refuse("the client certificate is not PEM text (-----BEGIN CERTIFICATE-----)");
  if (SSL_CTX_use_certificate(context, leaf.get()) != 1) {
    refuse(fmt::format("the client certificate cannot be used: {}",
                       describe_tls_error(ERR_get_error())));
  }
  while (auto next = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)) {
    SSL_CTX_add0_chain_cert(context, next);
  }
  ERR_clear_error();
  auto key_bio = reader(options.client_key_pem.reveal());
  Key key(PEM_read_bio_PrivateKey(key_bio.get(), nullptr, no_password, nullptr));
  if (!key) {
    refuse(
        "the client key is not an unencrypted PEM private key (-----BEGIN ... PRIVATE KEY-----)");
  }
  if (SSL_CTX_use_PrivateKey(context, key.get()) != 1 || SSL_CTX_check_private_key(context) != 1) {
    refuse("the client certificate and the client key do not belong together");
  }
}

}  // namespace

TlsContext::TlsContext(TlsOptions options) : options_(std::move(options)), context_(nullptr) {
  OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr);
  std::unique_ptr<SSL_CTX, Free<SSL_CTX_free>> context(SSL_CTX_new(TLS_client_method()));
  if (!context) throw Failure(Failure::Kind::bug, "TLS cannot be set up: out of memory");
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  static constexpr unsigned char http11[] = "\x08http/1.1";
  if (options_.http) SSL_CTX_set_alpn_protos(context.get(), http11, sizeof http11 - 1);
  if (options_.verify) {
    if (options_.ca_pem.empty()) {
      load_system_roots(context.get());
    } else {
      load_ca(context.get(), options_);
    }
  }
  if (!options_.client_certificate_pem.empty()) load_identity(context.get(), options_);
  context_ = context.release();
}

TlsContext::~TlsContext() { SSL_CTX_free(context_); }

}  // namespace raykeep::net
