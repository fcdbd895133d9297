// PEM texts loaded into OpenSSL's form, for both ends of a connection. Internal to net: it speaks
// OpenSSL.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <openssl/ssl.h>

#include "base/secret.h"
#include "net/openssl_handles.h"

namespace raykeep::net {

using SslContext = std::unique_ptr<SSL_CTX, Free<SSL_CTX_free>>;

/// What both ends have in common: TLS 1.2 and 1.3 only, no compression, no renegotiation, no
/// sessions kept, the machine's openssl.cnf not read. Throws Failure::bug when memory is short.
SslContext new_ssl_context(const SSL_METHOD* method);

/// Trusts each certificate of the PEM text. Throws Failure::invalid when there is none; `origin` is
/// for the message.
void load_authorities(SSL_CTX* context, const std::string& pem, std::string_view origin);

/// Who we are: a certificate with its chain, and its key. `whose` is "client" or "server", for
/// messages. Throws Failure::invalid when they cannot be used or do not belong together.
void load_identity(SSL_CTX* context, const std::string& certificate_pem,
                   const Secret<std::string>& key_pem, std::string_view whose);

}  // namespace raykeep::net
