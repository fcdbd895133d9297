#include "net/tls_server.h"

#include <string_view>
#include <utility>

#include <openssl/ssl.h>

#include "net/tls_material.h"

namespace raykeep::net {
namespace {

// Those of TLS 1.2 which Mozilla's "intermediate" list keeps without the DHE ones: forward secrecy
// and authenticated encryption. The ones of TLS 1.3 are all so.
constexpr const char* ciphers =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
    "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";

// As ALPN writes it: a length, then the name.
constexpr std::string_view http11 = "\x08http/1.1";
constexpr std::string_view h2 = "\x02h2";

int select_protocol(SSL*, const unsigned char** out, unsigned char* out_size,
                    const unsigned char* offered, unsigned offered_size, void* ours) {
  const auto& wanted = *static_cast<const std::string_view*>(ours);
  unsigned char* chosen = nullptr;
  int found = SSL_select_next_proto(&chosen, out_size,
                                    reinterpret_cast<const unsigned char*>(wanted.data()),
                                    static_cast<unsigned>(wanted.size()), offered, offered_size);
  *out = chosen;
  return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

}  // namespace

TlsServerContext::TlsServerContext(TlsServerOptions options) : options_(std::move(options)) {
  auto context = new_ssl_context(TLS_server_method());
  SSL_CTX_set_options(context.get(), SSL_OP_NO_TICKET | SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_num_tickets(context.get(), 0);
  SSL_CTX_set_cipher_list(context.get(), ciphers);
  load_identity(context.get(), options_.certificate_pem, options_.key_pem, "server");
  certificate_ = *read_certificate(options_.certificate_pem);
  if (options_.http || options_.http2) {
    const auto* wanted = options_.http2 ? &h2 : &http11;
    SSL_CTX_set_alpn_select_cb(context.get(), select_protocol,
                               const_cast<std::string_view*>(wanted));
  }
  if (wants_client_certificate())
    load_authorities(context.get(), options_.client_ca_pem, "client CA");
  context_ = context.release();
}

TlsServerContext::~TlsServerContext() { SSL_CTX_free(context_); }

}  // namespace raykeep::net
