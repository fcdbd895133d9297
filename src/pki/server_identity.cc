#include "pki/server_identity.h"

#include "base/text.h"
#include "pki/authority.h"
#include "pki/x509.h"

namespace raykeep::pki {

ServerIdentity make_server_identity(const std::vector<std::string>& names,
                                    std::chrono::days validity) {
  const Authority authority = make_authority("raykeep", validity);
  const Holder issuer{certificate_of(authority.certificate_pem), key_of(authority.key_pem)};
  const Key key = make_key();
  const Certificate server = begin_certificate("server", validity);
  std::vector<std::string> alternatives;
  for (const std::string& name : names) alternatives.push_back("DNS:" + name);
  finish_leaf(server.get(), key.get(), {"digitalSignature", "serverAuth", join(alternatives, ",")},
              issuer);
  return {authority.certificate_pem, pem_of(server.get()), pem_of(key.get())};
}

}  // namespace raykeep::pki
