// What Ray's pods must reach outside of their cluster, as targets that a probe can try. Pure.
#pragma once

#include <string>
#include <vector>

#include "flow/flow.h"
#include "preflight/trial_results.h"
#include "spec/storage.h"

namespace raykeep::preflight {

/// Of the head or of a worker: the name server, the Redis of the head, and those of the Site's
/// egress entries that name single addresses.
std::vector<Goal> goals_of(const std::vector<flow::Flow>& flows, const spec::Storage& storage,
                           flow::Role role);

/// Egress entries that name pods or networks: there is no address to try.
std::vector<std::string> entries_without_address(const std::vector<flow::Flow>& flows);

}  // namespace raykeep::preflight
