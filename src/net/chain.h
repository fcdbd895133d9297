// What a server showed as its certificate, judged by whoever trusts a given authority. Names and
// times are told and not judged: whose they should be, the caller knows.
#pragma once

#include <optional>
#include <string>

#include "net/certificate.h"

namespace raykeep::net {

struct ChainFacts {
  CertificateFacts leaf;
  std::string key;        // "P-256", "RSA of 2048 bits"
  bool weak = false;      // less than 112 bits of security (NIST SP 800-57): RSA below 2048 bits
  std::string untrusted;  // why the authority does not vouch for it; empty: it does
};

/// `chain_pem`: the server's certificate, then those that lead to the authority. `authority_pem`:
/// one or more that are trusted. Nothing when the chain holds no certificate.
std::optional<ChainFacts> read_chain(const std::string& chain_pem,
                                     const std::string& authority_pem);

}  // namespace raykeep::net
