// The agent's TLS ports. Ray's HTTP speaks in the clear; where the Site's tls.http is on, whoever
// is not a Ray pod of the cluster reaches it through these, and the plain port is closed to them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "flow/ports.h"

namespace raykeep::flow {

struct HttpsPort {
  std::string name;        // "https-serve"
  int port = 0;            // where the agent ends TLS
  std::string plain_name;  // "serve"
  int plain = 0;           // where Ray listens, on the loopback of the same pod
  bool http2 = false;      // gRPC
  /// People and programs call it, so that the Site's own certificate fits.
  bool of_users() const { return is_for_users(name); }

  static bool is_for_users(std::string_view name);
};

/// Of one node; none where the Site's tls.http is off.
std::vector<HttpsPort> https_ports(const spec::RayCluster& cluster, const spec::Site& site,
                                   const spec::Group& group, bool head);

/// The dashboard's, where the head has the usual ports.
HttpsPort dashboard_https_port();

/// What such a flow says of its encryption.
inline constexpr const char* https_encryption = "TLS (agent)";

}  // namespace raykeep::flow
