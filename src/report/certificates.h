// The certificates that a cluster's flows rest on, and when they expire, as far as it can be known.
#pragma once

#include "report/input.h"

namespace raykeep::report {

/// A certificate in a Secret of the namespace: where to look for it.
struct CertificatePlace {
  std::string secret, key;
  std::string what;  // "the certificate of the cluster's Redis"
  std::string made_by;
  bool config_map = false;              // it stands in a ConfigMap of that name instead
  std::vector<std::string> names = {};  // as planned; empty: not known
};

/// Only certificates, never keys: whoever looks there asks for these entries alone.
std::vector<CertificatePlace> certificate_places(const plan::Plan& plan, const spec::Site& site);

/// {"what", "place", "madeBy", "names", "subject", "issuer", "expires", "daysLeft", "problem"}.
doc::Array certificates(const Input& input);

}  // namespace raykeep::report
