// The table of rules: what each profile forbids, by the name that its engine gives the rule.
//
// Where the rules are defined: k8s.io/pod-security-admission 0.34 (policy/check_*.go);
// kyverno/policies b9c4317 (pod-security, best-practices); open-policy-agent/gatekeeper-library
// 5c441fb with the parameters of its restricted samples; GoogleCloudPlatform/gke-policy-library
// (anthos-bundles/nsa-cisa-k8s-v1.2); OpenShift's restricted-v2 by the names of the constraint's
// fields. docs/policy-profiles.md says which rules are left out, and why. tests/profile holds the
// engines' own evaluators against this table.
#pragma once

#include <string_view>
#include <vector>

#include "profile/checks.h"
#include "profile/profile.h"

namespace raykeep::profile {

struct RuleName {
  Profile profile;
  std::string_view rule;
};

/// A pod rule is asked of every pod template, an object rule of every object. Exactly one of the
/// two is set.
struct Rule {
  void (*pod)(const Pod&, Faults&) = nullptr;
  void (*object)(const doc::Value&, Objects, Faults&) = nullptr;
  std::string_view remedy;
  std::vector<RuleName> names;
};

/// Its two parts.
std::vector<Rule> pod_rules();
std::vector<Rule> object_rules();

const std::vector<Rule>& rules();

}  // namespace raykeep::profile
