// The NetworkPolicies of a cluster: one for the head, one for each worker group, both directions,
// exact to the port. They are the flow table in another notation and contain nothing that is not in
// it.
#pragma once

#include <vector>

#include "plan/object.h"

namespace raykeep::plan {

std::vector<doc::Value> network_policies(const Input& input);

}  // namespace raykeep::plan
