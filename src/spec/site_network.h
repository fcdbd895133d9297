// How a place enforces what the flow table says: who reads NetworkPolicies, how the API server is
// reached, which mesh carries the traffic, and which ports libraries open between workers.
#pragma once

#include <string>
#include <vector>

#include "spec/peer.h"

namespace raykeep::spec {

class Cursor;
struct Site;

/// Who enforces NetworkPolicies: which dialect says what they cannot say, see plan/dialect.h.
enum class Enforcer { kubernetes, cilium, calico, openshift, eks, antrea };

/// Which mesh encrypts, where tls.mode is mesh.
enum class Mesh { none, istio_sidecar, istio_ambient, linkerd };

/// Where Kubernetes' API server is, for the controller's policy. Empty: any address on 443 and
/// 6443, because an API server cannot be selected like a pod.
struct ApiServer {
  std::vector<std::string> addresses;  // "10.0.0.1/32", as the enforcer sees them
  int port = 0;                        // 0: 443 and 6443
  bool administrator = false;          // the administrator opens the way, in the enforcer's dialect
};

/// Ports that a library opens between workers and Ray knows nothing of: NCCL, torch.
struct WorkerPorts {
  std::string name;  // "nccl", also the name of the flow's port
  std::string reason;
  std::vector<SitePort> ports;
};

/// Reads networkPolicy, apiServer, workerPorts, and of tls what says which mesh. Requires: tls.mode
/// and openshift were read.
void parse_site_network(const Cursor& spec, Site& site);

/// May the enforcer's dialect say "egress to this DNS name"?
bool knows_names(Enforcer enforcer);

/// May the enforcer's dialect say "the API server" without an address?
bool knows_api_server(Enforcer enforcer);

}  // namespace raykeep::spec
