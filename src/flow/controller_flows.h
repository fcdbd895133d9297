// The controller's rows of the flow table: whom it asks, whatever clusters there are. Beside them
// stands what each cluster's own table says of it (controller->head, controller->redis).
#pragma once

#include <string>
#include <vector>

#include "flow/flow.h"

namespace raykeep::flow {

/// Addresses outside that a command line names: "10.0.0.1/32:6443".
struct OutsideAddress {
  std::string cidr;
  int port = 0;  // 0: none was named
  bool operator==(const OutsideAddress&) const = default;
};

/// What the command line says beside the Site.
struct ControllerEnds {
  std::vector<OutsideAddress> api_server = {};  // in place of the Site's
  std::vector<OutsideAddress> redis = {};       // beside the Site's own
};

/// The controller's pods, as policies know them: in its own namespace, by these labels.
spec::Peer controller_peer();

std::vector<Flow> controller_flows(const spec::Site& site, const ControllerEnds& ends);

}  // namespace raykeep::flow
