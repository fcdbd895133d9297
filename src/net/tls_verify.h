// Checking the certificate a server shows, with a sentence for each way in which it can be wrong.
// Internal to net: it speaks OpenSSL.
#pragma once

#include <string>

#include <openssl/ssl.h>

#include "net/tls.h"

namespace raykeep::net {

/// What one handshake found out. Must outlive the handshake.
struct Verification {
  const TlsOptions* options = nullptr;
  std::string name;     // whom we meant to reach
  std::string peer;     // "10.0.0.1:6443"
  std::string problem;  // filled when the certificate was refused: a sentence with the remedy
};

/// Sets SNI, the expected name or address, and the callback which fills `verification`.
void expect_peer(SSL* ssl, Verification& verification);

/// OpenSSL's queue of errors as words, emptied: "tlsv1 alert bad certificate".
std::string describe_tls_error(unsigned long code);

}  // namespace raykeep::net
