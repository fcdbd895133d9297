#include "report/permits.h"

#include <gtest/gtest.h>

#include "plan/plan.h"
#include "report/testing.h"

namespace raykeep::report {
namespace {

/// Every flow that is not let through at an end of ours, by id.
std::vector<std::string> stuck(Permits& permits, const std::vector<flow::Flow>& flows) {
  std::vector<std::string> found;
  for (const flow::Flow& flow : flows) {
    for (bool ingress : {true, false}) {
      Permit permit = permits.of(flow, ingress);
      if (permit.ours && permit.rules.empty())
        found.push_back(flow.id() + (ingress ? " in" : " out"));
    }
  }
  return found;
}

doc::Value& policy_of(plan::Plan& plan, std::string_view name) {
  for (doc::Value& object : plan.objects) {
    if (doc::find_string(object, {"kind"}) == "NetworkPolicy" &&
        doc::find_string(object, {"metadata", "name"}) == name)
      return object;
  }
  throw std::logic_error("no such policy");
}

TEST(Permits, LetEveryPlannedFlowThroughAndNothingElse) {
  for (std::string_view site : {kBankSite, kManagedSite, kOldEnforcerSite}) {
    Sample sample(kTwoGroups, site);
    Permits permits(sample.plan.objects);
    EXPECT_EQ(stuck(permits, sample.plan.flows), std::vector<std::string>{});
    EXPECT_EQ(permits.excess(), std::vector<Excess>{});
  }
}

TEST(Permits, NameTheRuleAtBothEnds) {
  Sample sample(kTwoGroups, kBankSite);
  Permits permits(sample.plan.objects);
  const flow::Flow& gcs = sample.flow("worker(cpu)->head gcs-server");
  EXPECT_EQ(permits.of(gcs, true).rules,
            std::vector<std::string>{"NetworkPolicy demo-head ingress[0]"});
  EXPECT_EQ(permits.of(gcs, false).rules,
            std::vector<std::string>{"NetworkPolicy demo-worker-cpu egress[0]"});
  Permit far = permits.of(sample.flow("monitoring->head metrics"), false);
  EXPECT_FALSE(far.ours);
  EXPECT_TRUE(far.rules.empty());
}

TEST(Permits, NoticeARuleThatIsGone) {
  Sample sample(kTwoGroups, kBankSite);
  policy_of(sample.plan, "demo-head").as_object()["spec"].as_object()["ingress"] = doc::Array{};
  Permits permits(sample.plan.objects);
  std::vector<std::string> found = stuck(permits, sample.plan.flows);
  EXPECT_TRUE(std::ranges::count(found, "worker(cpu)->head gcs-server in") > 0);
  EXPECT_FALSE(std::ranges::count(found, "worker(cpu)->head gcs-server out") > 0);
}

TEST(Permits, NoticeWhatNoFlowNeeds) {
  Sample sample(kTwoGroups, kBankSite);
  doc::Array& rules =
      policy_of(sample.plan, "demo-head").as_object()["spec"].as_object()["ingress"].as_array();
  rules[0].as_object()["ports"].as_array().push_back(
      doc::Object{{"protocol", "TCP"}, {"port", 10030}, {"endPort", 10040}});
  rules[0].as_object()["from"].as_array().push_back(doc::Object{{"podSelector", doc::Object{}}});
  Permits permits(sample.plan.objects);
  EXPECT_EQ(stuck(permits, sample.plan.flows), std::vector<std::string>{});
  const std::string rule = "NetworkPolicy demo-head ingress[0]";
  EXPECT_EQ(permits.excess(), (std::vector<Excess>{{"demo-head", rule, "peer {\"podSelector\":{}}"},
                                                   {"demo-head", rule, "port 10034-10040/TCP"}}));
}

TEST(Permits, NoticeSomebodyElsesPolicyThatOpensMore) {
  Sample sample(kTwoGroups, kBankSite);
  auto policy = [](const char* name, const char* spec) {
    return doc::parse_json(std::string(R"({"kind": "NetworkPolicy", "metadata": {"name": ")") +
                           name + R"("}, "spec": )" + spec + "}")
        .value();
  };
  Permits permits(
      sample.plan.objects,
      {policy("deny", R"({"podSelector": {}, "policyTypes": ["Ingress", "Egress"]})"),
       policy("shell", R"({"podSelector": {}, "policyTypes": ["Ingress"],
                           "ingress": [{"ports": [{"protocol": "TCP", "port": 22}]}]})"),
       policy("other", R"({"podSelector": {"matchLabels": {"app": "other"}}, "ingress": [{}]})")});
  EXPECT_EQ(stuck(permits, sample.plan.flows), std::vector<std::string>{});
  const std::string rule = "NetworkPolicy shell ingress[0]";
  EXPECT_EQ(permits.excess(),
            (std::vector<Excess>{{"shell", rule, "everybody: the rule names no peer"},
                                 {"shell", rule, "port 22/TCP"}}));
}

TEST(Permits, DoNotTakeAPortByNameForEveryPort) {
  Sample sample(kTwoGroups, kBankSite);
  doc::Array& rules =
      policy_of(sample.plan, "demo-head").as_object()["spec"].as_object()["ingress"].as_array();
  rules[0].as_object()["ports"] = doc::Array{doc::Object{{"protocol", "TCP"}, {"port", "gcs"}},
                                             doc::Object{{"protocol", "SCTP"}, {"port", 6379}}};
  Permits permits(sample.plan.objects);
  EXPECT_EQ(permits.of(sample.flow("worker(cpu)->head gcs-server"), true).rules,
            std::vector<std::string>{});
  std::vector<Excess> excess = permits.excess();
  auto unjudged = std::ranges::count_if(excess, [](const Excess& each) {
    return each.what.starts_with("ports that are not judged here: ");
  });
  EXPECT_EQ(unjudged, 2);
  // A protocol alone is every port of it.
  rules[0].as_object()["ports"] = doc::Array{doc::Object{{"protocol", "TCP"}}};
  Permits wide(sample.plan.objects);
  const flow::Flow& gcs = sample.flow("worker(cpu)->head gcs-server");
  EXPECT_EQ(wide.of(gcs, true).rules.size(), 1u);
  const std::string rule = "NetworkPolicy demo-head ingress[0]";
  EXPECT_EQ(std::ranges::count(wide.excess(), Excess{"demo-head", rule, "port 6380-65535/TCP"}), 1);
}

TEST(Permits, SayThatPodsWithoutAPolicyAreOpen) {
  Sample sample(kTwoGroups, kBankSite);
  std::erase_if(sample.plan.objects, [](const doc::Value& object) {
    return doc::find_string(object, {"kind"}) == "NetworkPolicy";
  });
  Permits permits(sample.plan.objects);
  Permit permit = permits.of(sample.flow("worker(cpu)->head gcs-server"), true);
  EXPECT_TRUE(permit.open);
  EXPECT_TRUE(permit.rules.empty());
}

}  // namespace
}  // namespace raykeep::report
