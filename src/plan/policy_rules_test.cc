#include "plan/policy_rules.h"

#include <gtest/gtest.h>

namespace raykeep::plan {
namespace {

using flow::End;
using flow::Flow;
using flow::Role;

const End head{Role::head, ""};

spec::Peer peer(std::string cidr, std::string fqdn) {
  return {.name = "p",
          .namespace_labels = {},
          .pod_labels = {},
          .cidr = std::move(cidr),
          .except = {},
          .fqdn = std::move(fqdn)};
}

Flow to_outside(std::vector<spec::Peer> peers) {
  return {.from = head,
          .to = {Role::outside, "store"},
          .port_name = "egress",
          .ports = {443, 443},
          .encryption = "none",
          .reason = "data",
          .peers = std::move(peers)};
}

std::string rules(const std::vector<Flow>& flows) {
  return doc::write_json(policy_rules(
      flows, head, {.ingress = false, .end_port = true, .selector = [](Role, const std::string&) {
                      return doc::Object{{"a", "b"}};
                    }}));
}

TEST(PolicyRules, HaveNoneForAFarEndThatOnlyHasAName) {
  EXPECT_EQ(rules({to_outside({peer("", "s3.bank.example")})}), "[]");
  EXPECT_EQ(
      rules({to_outside({peer("", "s3.bank.example"), peer("10.0.0.0/8", "")})}),
      R"([{"to":[{"ipBlock":{"cidr":"10.0.0.0/8"}}],"ports":[{"protocol":"TCP","port":443}]}])");
}

TEST(PolicyRules, HaveNoPeersOnlyForAnyone) {
  Flow flow = to_outside({});
  flow.anyone = true;
  EXPECT_EQ(rules({flow}), R"([{"ports":[{"protocol":"TCP","port":443}]}])");
  flow.anyone = false;
  EXPECT_EQ(rules({flow}), R"([{"to":[{"podSelector":{"matchLabels":{"a":"b"}}}],)"
                           R"("ports":[{"protocol":"TCP","port":443}]}])");
}

TEST(PolicyRules, LeaveToTheAdministratorWhatIsTheAdministrators) {
  Flow flow = to_outside({});
  flow.administrator = true;
  EXPECT_EQ(rules({flow}), "[]");
}

}  // namespace
}  // namespace raykeep::plan
