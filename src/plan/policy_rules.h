// The rows of the flow table as rules of a NetworkPolicy.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "doc/json.h"
#include "flow/flow.h"

namespace raykeep::plan {

/// The labels by which one of the cluster's own ends is found; `group` empty: every worker.
using OwnSelector = std::function<doc::Object(flow::Role role, const std::string& group)>;

struct RuleOptions {
  bool ingress = false;
  bool end_port = true;  // does the enforcer know ranges?
  OwnSelector selector;
};

/// The rules for one direction at one end, {"to": [...], "ports": [...]}, in the table's order. The
/// flows with the same far end make one rule. Where all worker groups are asked for the same ports,
/// one rule speaks of all workers, so that a new group changes no other group's policy.
///
/// A far end that only has a DNS name makes no rule: a NetworkPolicy cannot say it, and a rule
/// without peers would open the way to everybody. plan/dialect.h says it elsewhere.
doc::Array policy_rules(const std::vector<flow::Flow>& flows, const flow::End& here,
                        const RuleOptions& options);

}  // namespace raykeep::plan
