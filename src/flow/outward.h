// What a pod of ours sends out of the cluster, after what the Site says.
#pragma once

#include <vector>

#include "flow/flow.h"

namespace raykeep::flow {

std::vector<Flow> flows_to_dns(const End& from, const spec::Site& site, const char* reason);

/// The Site's own egress entries.
std::vector<Flow> flows_outside(const End& from, const spec::Site& site);

}  // namespace raykeep::flow
