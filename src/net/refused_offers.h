// For tests: what a port with mutual TLS must refuse.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "net/test_certificates.h"
#include "net/tls_attempt.h"

namespace raykeep::net::testing {

inline TlsOffer with(const KeyAndCertificate& client) {
  return {.certificate_pem = client.certificate_pem, .key_pem = Secret(client.key_pem)};
}

/// Each with its name. `ca` is the one that the server trusts.
inline std::vector<std::pair<std::string, TlsOffer>> offers_to_refuse(
    const KeyAndCertificate& ca, const KeyAndCertificate& foreign_ca) {
  const KeyAndCertificate foreign = make_certificate({.for_clients = true}, &foreign_ca);
  const KeyAndCertificate expired =
      make_certificate({.valid_from_days = -2, .valid_until_days = -1, .for_clients = true}, &ca);
  return {{"plaintext", {.tls = false}}, {"no certificate", {}},
          {"foreign", with(foreign)},    {"expired", with(expired)},
          {"TLS 1.0", {.version = 10}},  {"TLS 1.1", {.version = 11}}};
}

}  // namespace raykeep::net::testing
