// A certificate for one server of ours, where no authority is at hand: a managed Redis' way in.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/secret.h"

namespace raykeep::pki {

struct ServerIdentity {
  std::string authority_pem;    // what clients trust
  std::string certificate_pem;  // of the server, for its names
  Secret<std::string> key_pem;
};

/// An authority that signs this one certificate: its key is thrown away, so that nobody can make
/// another. Keys are of P-256. Valid from five minutes ago, since clocks differ. Throws
/// Failure::bug when OpenSSL cannot. Requires: at least one name, each a DNS name.
ServerIdentity make_server_identity(const std::vector<std::string>& names,
                                    std::chrono::days validity);

}  // namespace raykeep::pki
