#include "policy/compare.h"

#include <gtest/gtest.h>

#include "doc/document.h"

namespace raykeep::policy {
namespace {

using flow::End;
using flow::Role;

std::vector<NetworkPolicy> policies(std::string_view yaml) {
  std::vector<NetworkPolicy> made;
  for (const doc::Document& each : doc::read_yaml(std::string(yaml), "test").documents)
    made.push_back(*parse_network_policy(each.value));
  return made;
}

constexpr std::string_view planned = R"(
metadata: {name: demo-head, namespace: ray}
spec:
  podSelector: {matchLabels: {role: head}}
  policyTypes: [Ingress, Egress]
  ingress:
  - from: [{podSelector: {matchLabels: {role: worker, team: a}}}]
    ports: [{port: 6379}, {port: 10002, endPort: 10033}]
  - from: [{ipBlock: {cidr: 10.0.0.0/16, except: [10.0.5.0/24]}}]
    ports: [{port: 8265}]
  egress:
  - to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}, podSelector: {matchLabels: {k8s-app: kube-dns}}}]
    ports: [{protocol: UDP, port: 53}]
---
metadata: {name: demo-worker-a, namespace: ray}
spec: {podSelector: {matchLabels: {role: worker}}, policyTypes: [Ingress, Egress]}
)";

/// The differences when `from` is written as `to` in the policies that stand there.
std::vector<Difference> after(std::string_view from, std::string_view to,
                              std::string_view more = "") {
  static const std::vector<flow::Flow> flows = {
      {{Role::worker, "a"}, {Role::head, ""}, "gcs-server", {6379, 6379}, {}, "none", "", {}},
      {{Role::worker, "a"}, {Role::head, ""}, "worker", {10002, 10033}, {}, "none", "", {}},
      {{Role::submitter, ""},
       {Role::head, ""},
       "dashboard",
       {8265, 8265},
       {},
       "none",
       "",
       {{.name = "desk",
         .namespace_labels = {},
         .pod_labels = {},
         .cidr = "10.0.0.0/16",
         .except = {"10.0.5.0/24"}}}}};
  std::string text(planned);
  if (!from.empty()) text.replace(text.find(from), from.size(), to);
  static const std::vector<NetworkPolicy> wanted = policies(planned);
  std::vector<NetworkPolicy> live = policies(text + std::string(more));
  std::vector<OwnPod> own = {
      {{Role::head, ""}, {.ns = "ray", .labels = {{"role", "head"}}}},
      {{Role::worker, "a"}, {.ns = "ray", .labels = {{"role", "worker"}, {"team", "a"}}}}};
  return compare({flows, wanted, live, own});
}

std::string told(const std::vector<Difference>& differences) {
  std::string text;
  for (const Difference& each : differences) {
    constexpr const char* kinds[] = {"gone", "missing", "extra", "unguarded"};
    text += std::string(kinds[static_cast<int>(each.kind)]) + ' ' + to_string(each.rule) + ": " +
            each.pods + " <> " + each.who + " on " + to_string(each.ports);
    for (const std::string& flow : each.flows) text += " [" + flow + "]";
    text += '\n';
  }
  return text;
}

TEST(Compare, NothingIsSaidOfWhatIsAsPlanned) { EXPECT_EQ(told(after("", "")), ""); }

TEST(Compare, AMissingPortIsNamedByItsFlow) {
  EXPECT_EQ(told(after("{port: 6379}, ", "")),
            "missing NetworkPolicy demo-head ingress[0]: head <> worker(a) on 6379 "
            "[worker(a)->head gcs-server]\n");
  EXPECT_EQ(told(after("endPort: 10033", "endPort: 10020")),
            "missing NetworkPolicy demo-head ingress[0]: head <> worker(a) on 10021-10033 "
            "[worker(a)->head worker]\n");
  EXPECT_EQ(told(after("cidr: 10.0.0.0/16", "cidr: 10.0.0.0/17")),
            "missing NetworkPolicy demo-head ingress[1]: head <> 10.0.255.255 on 8265 "
            "[submitter->head dashboard]\n");
}

TEST(Compare, AWidenedRuleIsFoundByWhomOnlyItLetsIn) {
  EXPECT_EQ(told(after("{role: worker, team: a}", "{role: worker}")),
            "extra NetworkPolicy demo-head ingress[0]: head <> pods with role=worker on 6379, "
            "10002-10033\n");
  EXPECT_EQ(told(after("cidr: 10.0.0.0/16, except: [10.0.5.0/24]", "cidr: 10.0.0.0/16")),
            "extra NetworkPolicy demo-head ingress[1]: head <> 10.0.5.0; 10.0.5.255 on 8265\n");
  EXPECT_EQ(told(after("cidr: 10.0.0.0/16", "cidr: 10.0.0.0/15")),
            "extra NetworkPolicy demo-head ingress[1]: head <> 10.1.255.255 on 8265\n");
  EXPECT_EQ(told(after("{port: 6379}", "{port: 6379, endPort: 6380}")),
            "extra NetworkPolicy demo-head ingress[0]: head <> worker(a) on 6380\n");
  EXPECT_EQ(told(after("podSelector: {matchLabels: {k8s-app: kube-dns}}", "podSelector: {}")),
            "extra NetworkPolicy demo-head egress[0]: head <> pods without labels in namespace "
            "kube-system on 53/UDP\n");
}

TEST(Compare, AWrongSelectorIsBothMissingAndExtra) {
  EXPECT_EQ(told(after("metadata.name: kube-system", "metadata.name: kube-public")),
            "missing NetworkPolicy demo-head egress[0]: head <> pods with k8s-app=kube-dns in "
            "namespace kube-system on 53/UDP\n"
            "extra NetworkPolicy demo-head egress[0]: head <> pods with k8s-app=kube-dns in "
            "namespace kube-public on 53/UDP\n");
}

TEST(Compare, TheSameUnderAnotherNameIsTheSame) {
  EXPECT_EQ(told(after("name: demo-head", "name: other-name")), "");
}

TEST(Compare, WhatAnotherPolicyPermitsIsAHoleOfThatPolicy) {
  std::vector<Difference> found = after("", "", R"(---
metadata: {name: let-in, namespace: ray}
spec: {podSelector: {}, ingress: [{from: [{podSelector: {matchLabels: {app: x}}}], ports: [{port: 22}]}]}
)");
  EXPECT_EQ(told(found),
            "extra NetworkPolicy let-in ingress[0]: head; worker(a) <> pods with app=x on 22\n");
  EXPECT_FALSE(found[0].ours);
}

TEST(Compare, PodsThatNothingIsolatesAreUnguarded) {
  EXPECT_EQ(told(after("podSelector: {matchLabels: {role: worker}}",
                       "podSelector: {matchLabels: {role: none}}")),
            "unguarded NetworkPolicy worker(a) ingress[0]: worker(a) <> pods without labels; pods "
            "without labels in "
            "namespace raykeep-elsewhere; 192.0.2.1; head; ... on every port\n"
            "unguarded NetworkPolicy worker(a) egress[0]: worker(a) <> pods without labels; pods "
            "without labels in "
            "namespace raykeep-elsewhere; 192.0.2.1; head; ... on every port\n");
}

}  // namespace
}  // namespace raykeep::policy
