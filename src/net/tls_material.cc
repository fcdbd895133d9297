#include "net/tls_material.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include "base/error.h"
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

int no_password(char*, int, int, void*) { return -1; }

}  // namespace

SslContext new_ssl_context(const SSL_METHOD* method) {
  OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr);
  SslContext context(SSL_CTX_new(method));
  if (!context) throw Failure(Failure::Kind::bug, "TLS cannot be set up: out of memory");
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  return context;
}

void load_authorities(SSL_CTX* context, const std::string& pem, std::string_view origin) {
  auto store = SSL_CTX_get_cert_store(context);
  auto bio = reader(pem);
  int count = 0;
  while (Certificate certificate{PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)}) {
    X509_STORE_add_cert(store, certificate.get());
    ++count;
  }
  ERR_clear_error();
  if (count == 0) {
    refuse(fmt::format(
        "{}: no certificate in it; it must be PEM text (-----BEGIN CERTIFICATE-----)", origin));
  }
}

void load_identity(SSL_CTX* context, const std::string& certificate_pem,
                   const Secret<std::string>& key_pem, std::string_view whose) {
  auto bio = reader(certificate_pem);
  Certificate leaf(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
  if (!leaf)
    refuse(fmt::format("the {} certificate is not PEM text (-----BEGIN CERTIFICATE-----)", whose));
  if (SSL_CTX_use_certificate(context, leaf.get()) != 1) {
    refuse(fmt::format("the {} certificate cannot be used: {}", whose,
                       describe_tls_error(ERR_get_error())));
  }
  while (auto next = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)) {
    SSL_CTX_add0_chain_cert(context, next);
  }
  ERR_clear_error();
  auto key_bio = reader(key_pem.reveal());
  Key key(PEM_read_bio_PrivateKey(key_bio.get(), nullptr, no_password, nullptr));
  if (!key) {
    refuse(fmt::format(
        "the {} key is not an unencrypted PEM private key (-----BEGIN ... PRIVATE KEY-----)",
        whose));
  }
  if (SSL_CTX_use_PrivateKey(context, key.get()) != 1 || SSL_CTX_check_private_key(context) != 1) {
    refuse(fmt::format("the {0} certificate and the {0} key do not belong together", whose));
  }
}

}  // namespace raykeep::net
