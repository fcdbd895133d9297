#include "preflight/policy_message.h"

#include <gtest/gtest.h>

namespace raykeep::preflight {

// For a readable difference.
void PrintTo(const PolicyWord& word, std::ostream* out) {
  *out << word.policy << ": " << word.text;
}

namespace {

using Words = std::vector<PolicyWord>;

TEST(PolicyMessage, OfGatekeeperNamesEachConstraint) {
  EXPECT_EQ(policy_words("admission webhook \"validation.gatekeeper.sh\" denied the request: "
                         "[repo-is-mirror] container <ray> has an invalid image repo\n"
                         "[must-have-owner] you must provide labels: {\"owner\"}"),
            (Words{{"repo-is-mirror", "container <ray> has an invalid image repo"},
                   {"must-have-owner", "you must provide labels: {\"owner\"}"}}));
}

TEST(PolicyMessage, OfKyvernoNamesEachPolicy) {
  EXPECT_EQ(policy_words(R"(admission webhook "validate.kyverno.svc-fail" denied the request: 

resource Deployment/bank/demo-worker-cpu was blocked due to the following policies 

require-labels:
  autogen-check-for-labels: 'validation error: label owner is required. rule
    autogen-check-for-labels failed at path /spec/template/metadata/labels/owner/'
restrict-image-registries:
  autogen-validate-registries: 'validation failure: only the mirror'
)"),
            (Words{{"require-labels",
                    "validation error: label owner is required. rule autogen-check-for-labels "
                    "failed at path /spec/template/metadata/labels/owner/"},
                   {"restrict-image-registries", "validation failure: only the mirror"}}));
}

TEST(PolicyMessage, OfKubernetesItselfNamesThePolicy) {
  EXPECT_EQ(
      policy_words("deployments.apps \"demo\" is forbidden: ValidatingAdmissionPolicy "
                   "'needs-owner' with binding 'needs-owner' denied request: say who owns it"),
      (Words{{"needs-owner", "say who owns it"}}));
}

TEST(PolicyMessage, OfAnotherWebhookIsPassedOn) {
  EXPECT_EQ(policy_words("admission webhook \"guard.bank.example\" denied the request: not today"),
            (Words{{"guard.bank.example", "not today"}}));
  EXPECT_EQ(policy_words("no"), (Words{{"an admission policy", "no"}}));
}

}  // namespace
}  // namespace raykeep::preflight
