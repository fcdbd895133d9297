// For tests: certificates made on the spot, good and bad.
#pragma once

#include <string>
#include <vector>

namespace raykeep::net::testing {

struct KeyAndCertificate {
  std::string certificate_pem;
  std::string key_pem;
};

struct CertificateWish {
  std::string common_name = "raykeep-test";
  std::vector<std::string> names = {};  // "DNS:localhost", "IP:127.0.0.1"
  int valid_from_days = -1;             // relative to now
  int valid_until_days = 1;
  bool is_ca = false;
  bool for_clients = false;  // extended key usage
  unsigned rsa_bits = 0;     // 0: a key of P-256
};

/// Signed by `issuer`, or by itself.
KeyAndCertificate make_certificate(const CertificateWish& wish,
                                   const KeyAndCertificate* issuer = nullptr);

}  // namespace raykeep::net::testing
