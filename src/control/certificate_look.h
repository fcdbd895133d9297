// When a certificate of the namespace expires: one Secret or ConfigMap is asked for by its name,
// and of what it holds only the certificate is read.
#pragma once

#include <string>
#include <vector>

#include "control/access.h"
#include "control/timestamp.h"

namespace raykeep::control {

struct CertificateLook {
  std::string subject, issuer;
  std::string not_after;  // "2036-11-24T04:00:44Z"
  std::vector<std::string> names;
  std::int64_t days_left = 0;  // negative: it has expired
  std::string problem;         // why nothing is known; then the rest is empty
};

/// The first certificate of a PEM text, at the time `now`. Pure.
CertificateLook look_at_pem(const std::string& pem, WallTime now);

/// An object that is not there or may not be read is a `problem`, no failure. Requires: `kind` is
/// that of Secrets or of ConfigMaps.
awaitable<CertificateLook> look_at_certificate(const Access& access, kube::Kind kind,
                                               std::string ns, std::string name, std::string key,
                                               WallTime now);

}  // namespace raykeep::control
