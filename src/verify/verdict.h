// From what policies say and what probes found to a verdict that names the rule. Pure.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "plan/plan.h"
#include "policy/compare.h"
#include "verify/matrix.h"
#include "verify/probe.h"
#include "verify/result.h"

namespace raykeep::verify {

/// What stands in the namespace, read.
struct Standing {
  std::vector<policy::NetworkPolicy> planned;
  std::vector<policy::NetworkPolicy> live;
  std::vector<policy::OwnPod> own;
  std::vector<policy::Difference> differences;
  std::vector<Fault> faults;  // of reading them
};

/// The policies of the plan and those of the namespace. Those that belong to short-lived pods are
/// left out, and those whose names were accepted.
Standing standing(const plan::Plan& plan, const std::vector<doc::Value>& live,
                  const std::vector<std::string>& accepted);

/// What the policies alone tell: rules missing, holes, pods that nobody guards, pods that their
/// policy does not find.
std::vector<Fault> judge_policies(const plan::Plan& plan, const Standing& standing,
                                  const std::vector<doc::Value>& pods);

/// Ports worth a probe beside the table's: what the cluster's containers declare, and a few of
/// those that some policy opens beyond the table.
std::vector<int> further_ports(const Standing& standing);

/// What one attempt came to; an absent one was not made (its probe could not be run).
using Outcomes = std::map<std::size_t, net::Reached>;

struct JudgeInput {
  const plan::Plan& plan;
  const Standing& standing;
  const std::vector<Place>& places;
  const Matrix& matrix;
  const Outcomes& outcomes;
  const std::map<std::size_t, std::string>& not_run;  // by place: why its probe could not be run
  bool encrypted = false;                             // the Site says that traffic between pods is
};

/// Fills flows, pairs and faults; the faults of the policies come first.
void judge(const JudgeInput& input, Verification& result);

}  // namespace raykeep::verify
