// Which ports are offered what they must refuse, and from where: each port of the flow table that
// the Site says is encrypted, in each pod that is looked at, once. It is tried from a place that
// the NetworkPolicies permit; else its silence would be theirs. Pure.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "flow/flow.h"
#include "verify/matrix.h"
#include "verify/places.h"
#include "verify/tls_probe.h"

namespace raykeep::verify {

/// Who is let in, after Flow::encryption.
enum class Guard {
  none,    // everybody, and everybody on the way reads along
  server,  // everybody: the server alone shows a certificate ("TLS (agent)")
  mutual,  // whoever has a certificate of the namespace's authority ("mutual TLS (Ray)")
  mesh,    // whoever has the mesh's proxy beside it ("mutual TLS (mesh)")
};
Guard guard_of(std::string_view encryption);

struct TlsTry {
  std::size_t from = 0, to = 0;  // which places
  TlsTarget target;
  Guard guard = Guard::mutual;
  std::string encryption;
  std::string port_name;
  std::vector<std::string> flows;  // the ids of those that use it
  /// From a pod within the mesh, whose plaintext the proxies encrypt: it must pass.
  bool within_mesh = false;
};

/// What runs in the pods: ports that can be reached, by place. Of an absent place nothing is known.
using Listening = std::map<std::size_t, std::vector<int>>;

struct TlsMatrix {
  std::vector<TlsTry> tries;
  std::vector<Untried> untried;          // flows that are encrypted and not tried
  std::vector<const flow::Flow*> clear;  // TCP flows between pods that are not encrypted
};

/// `flows` must outlive the result.
TlsMatrix tls_matrix(const std::vector<flow::Flow>& flows, const std::vector<Place>& places,
                     const Listening& listening);

}  // namespace raykeep::verify
