// A certificate for a person's Ray Client, where Ray has its own TLS. Whoever may read the
// authority's Secret may sign; the key is made where the person is.
#pragma once

#include <string>

#include "base/secret.h"
#include "control/access.h"

namespace raykeep::control {

struct ClientCertificate {
  std::string authority_pem;
  std::string certificate_pem;
  Secret<std::string> key_pem;
};

/// Valid for a day. Throws Failure::invalid when there is no authority, or none that can sign.
awaitable<ClientCertificate> make_client_certificate(const Access& access, std::string ns);

}  // namespace raykeep::control
