// Values of a Site as a reviewer reads them.
#pragma once

#include <string>

#include "flow/flow.h"
#include "spec/peer.h"

namespace raykeep::report {

/// "prometheus: pods app=prometheus in namespace monitoring", "admins: 10.9.0.0/24".
std::string describe(const spec::Peer& peer);

/// Why the peer is more than it need be ("every pod of namespace ingress"); empty: it is not.
std::string too_wide(const spec::Peer& peer);

/// Whether somebody on the way can read a flow: "yes" (encrypted), "no", or "application" where
/// only the workload knows.
std::string_view is_encrypted(const flow::Flow& flow);

/// 12,345: for people.
std::string grouped(std::int64_t number);

}  // namespace raykeep::report
