// What admission policies say when they refuse: Kyverno's, Gatekeeper's and Kubernetes' own
// sentences, taken apart, because one refusal may be of several policies.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace raykeep::preflight {

struct PolicyWord {
  std::string policy;  // "require-labels", a constraint's or a webhook's name
  std::string text;    // what it says
  bool operator==(const PolicyWord&) const = default;
};

/// Never empty: a message of another form is one word of the policy that is named first in it, or
/// of "an admission policy". Sources: kyverno v1.15 pkg/webhooks/utils/block.go; gatekeeper v3.20
/// pkg/webhook/policy.go; Kubernetes 1.34 apiserver
/// pkg/admission/plugin/policy/validating/dispatcher.go.
std::vector<PolicyWord> policy_words(std::string_view message);

}  // namespace raykeep::preflight
