// A Site's peer as NetworkPolicies have it.
#pragma once

#include "plan/object.h"

namespace raykeep::plan {

/// One NetworkPolicyPeer. Requires: pods or addresses, not a DNS name. Selectors by namespace and
/// pod are one peer: "these pods in those namespaces".
doc::Object policy_peer(const spec::Peer& peer);

}  // namespace raykeep::plan
