// Ray's own TLS, for `status`: how long the nodes' certificates last yet. Pure.
#pragma once

#include <string>
#include <vector>

#include "control/observe.h"

namespace raykeep::control {

struct CertificateStatus {
  std::string line;                   // "3 nodes, the first ends in 19d"; empty: no node has one
  std::vector<std::string> warnings;  // each with its remedy
};

/// From the pods' ages and the lifetime in the stored Site: a certificate is no older than its pod.
CertificateStatus certificate_status(const Observed& observed);

}  // namespace raykeep::control
