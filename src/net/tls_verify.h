// Checking the certificate a peer shows, with a sentence for each way in which it can be wrong.
// Internal to net: it speaks OpenSSL.
#pragma once

#include <string>

#include <openssl/ssl.h>

namespace raykeep::net {

/// What one handshake found out. Must outlive the handshake.
struct Verification {
  bool verify = true;
  std::string authorities = {};  // whose word we take: "the system's certificate authorities"
  std::string name = {};         // whom we meant to reach; of a client nothing
  std::string peer = {};         // "10.0.0.1:6443"
  std::string problem = {};  // filled when the certificate was refused: a sentence with the remedy
};

/// Sets SNI, the expected name or address, and the callback which fills `verification`.
void expect_peer(SSL* ssl, Verification& verification);

/// The same for a server: the client must show a certificate.
void expect_client(SSL* ssl, Verification& verification);

/// OpenSSL's queue of errors as words, emptied: "tlsv1 alert bad certificate".
std::string describe_tls_error(unsigned long code);

}  // namespace raykeep::net
