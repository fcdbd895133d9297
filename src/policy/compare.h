// What stands in the namespace against what the plan wants: every rule that is missing, and every
// one that permits more, by name. Both sides are evaluated, not compared as text: what another
// policy permits is not missing, and a widened selector is found by an endpoint that only it lets
// in.
#pragma once

#include <string>
#include <vector>

#include "flow/flow.h"
#include "policy/network_policy.h"

namespace raykeep::policy {

/// A kind of pod that the plan has policies for, as its template labels it.
struct OwnPod {
  flow::End end;
  Endpoint endpoint;
};

struct Difference {
  enum class Kind {
    gone,      // one of our policies is not there
    missing,   // a planned rule does not permit all it should
    extra,     // a rule permits what the table does not have
    unguarded  // no policy isolates these pods any more
  } kind;
  RuleName rule;     // planned where missing, live where extra; only the policy's name where gone
  bool ours = true;  // the policy is one of the plan's, by name
  std::string pods;  // "head", "worker(gpu)"
  std::string who;   // the far end
  Ports ports;
  std::vector<std::string> flows;  // ids of what does not pass any more
};

struct Comparison {
  const std::vector<flow::Flow>& flows;
  const std::vector<NetworkPolicy>& planned;
  const std::vector<NetworkPolicy>& live;  // all of the namespace
  const std::vector<OwnPod>& own;
};

/// In a stable order: gone, unguarded, missing, extra.
std::vector<Difference> compare(const Comparison& input);

/// Does the Site's peer mean this endpoint?
bool means(const spec::Peer& peer, const Endpoint& endpoint, const std::string& home);

}  // namespace raykeep::policy
