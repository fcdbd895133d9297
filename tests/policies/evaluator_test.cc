// The evaluator against what the documentation of NetworkPolicies says, rule by rule: where it is
// wrong, the comparison with the flow table proves nothing.
#include "evaluator.h"

#include <gtest/gtest.h>

#include "doc/document.h"

namespace raykeep::policies {
namespace {

Policies read(const std::string& yaml) {
  std::vector<doc::Value> objects;
  for (doc::Document& each : doc::read_yaml(yaml, "policies").documents)
    objects.push_back(std::move(each.value));
  return Policies(objects);
}

/// A policy of namespace `default` for pods with role=db.
Policies policy(const std::string& spec) {
  return read(
      "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\n"
      "metadata: {name: p, namespace: default}\nspec:\n  podSelector: {matchLabels: {role: db}}\n" +
      spec);
}

Endpoint pod(std::string ns, Labels labels) {
  Endpoint made;
  made.name = "pod";
  made.ns = ns;
  made.ns_labels = {{"name", ns}};
  made.labels = std::move(labels);
  made.ip = address("10.244.0.5");
  made.named_ports = {{{"http", "TCP"}, 8080}};
  return made;
}

Endpoint outside(const std::string& ip) {
  Endpoint made;
  made.name = ip;
  made.ip = address(ip);
  return made;
}

const Endpoint db = pod("default", {{"role", "db"}});
const Endpoint web = pod("default", {{"role", "web"}});
const Endpoint other = pod("other", {{"role", "web"}});

std::string accepted(const Policies& policies, const Endpoint& from) {
  return policies.accepts(from, db).text();
}

const std::string everything = PortSet::everything().text();

TEST(Evaluator, LeavesPodsAloneThatNoPolicySelects) {
  Policies policies = policy("  policyTypes: [Ingress]\n");
  EXPECT_EQ(policies.accepts(db, web), PortSet::everything());
  EXPECT_EQ(policies.accepts(web, db), PortSet());
  EXPECT_EQ(policies.accepts(web, pod("other", {{"role", "db"}})), PortSet::everything());
}

TEST(Evaluator, IsolatesEachDirectionForItself) {
  EXPECT_EQ(policy("  policyTypes: [Ingress]\n").sends(db, web), PortSet::everything());
  EXPECT_EQ(policy("  policyTypes: [Egress]\n").accepts(web, db), PortSet::everything());
  EXPECT_EQ(policy("  policyTypes: [Egress]\n").sends(db, web), PortSet());
}

TEST(Evaluator, FillsInPolicyTypesAsTheApiServerDoes) {
  EXPECT_EQ(policy("  ingress: []\n").sends(db, web), PortSet::everything());
  EXPECT_EQ(policy("  egress: [{ports: [{port: 1}]}]\n").accepts(web, db), PortSet());
  EXPECT_EQ(policy("  egress: [{ports: [{port: 1}]}]\n").sends(db, web).text(), "TCP 1");
}

TEST(Evaluator, TakesAbsentPeersForEverybodyAndAbsentPortsForEvery) {
  EXPECT_EQ(accepted(policy("  ingress: [{ports: [{port: 5432}]}]\n"), outside("1.2.3.4")),
            "TCP 5432");
  EXPECT_EQ(accepted(policy("  ingress: [{from: [{podSelector: {}}]}]\n"), web), everything);
  EXPECT_EQ(accepted(policy("  ingress: [{}]\n"), other), everything);
  EXPECT_EQ(accepted(policy("  ingress: [{from: [], ports: [{port: 1}]}]\n"), other), "TCP 1");
}

TEST(Evaluator, TakesPodSelectorAloneForTheOwnNamespace) {
  Policies policies = policy(
      "  ingress: [{from: [{podSelector: {matchLabels: {role: web}}}], ports: [{port: 1}]}]\n");
  EXPECT_EQ(accepted(policies, web), "TCP 1");
  EXPECT_EQ(accepted(policies, other), "nothing");
}

TEST(Evaluator, TakesTwoSelectorsOfOnePeerTogetherAndTwoPeersApart) {
  Policies both = policy(
      "  ingress: [{from: [{namespaceSelector: {matchLabels: {name: other}}, podSelector: "
      "{matchLabels: {role: web}}}], ports: [{port: 1}]}]\n");
  EXPECT_EQ(accepted(both, other), "TCP 1");
  EXPECT_EQ(accepted(both, pod("other", {})), "nothing");
  EXPECT_EQ(accepted(both, web), "nothing");
  Policies either = policy(
      "  ingress: [{from: [{namespaceSelector: {matchLabels: {name: other}}}, {podSelector: "
      "{matchLabels: {role: web}}}], ports: [{port: 1}]}]\n");
  EXPECT_EQ(accepted(either, pod("other", {})), "TCP 1");
  EXPECT_EQ(accepted(either, web), "TCP 1");
}

TEST(Evaluator, ReadsExpressions) {
  const std::pair<const char*, bool> table[] = {
      {"{key: role, operator: In, values: [web, db]}", true},
      {"{key: role, operator: NotIn, values: [web]}", false},
      {"{key: team, operator: NotIn, values: [web]}", true},
      {"{key: role, operator: Exists}", true},
      {"{key: team, operator: Exists}", false},
      {"{key: team, operator: DoesNotExist}", true},
  };
  for (auto [expression, matches] : table) {
    Policies policies =
        policy(std::string("  ingress: [{from: [{podSelector: {matchExpressions: [") + expression +
               "]}}]}]\n");
    EXPECT_EQ(accepted(policies, web), matches ? everything : "nothing") << expression;
  }
}

TEST(Evaluator, TakesAddressesButForTheirExceptions) {
  Policies policies = policy(
      "  egress: [{to: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}}, {ipBlock: {cidr: "
      "'fd00::/8'}}], ports: [{port: 443}]}]\n  policyTypes: [Egress]\n");
  EXPECT_EQ(policies.sends(db, outside("10.255.255.255")).text(), "TCP 443");
  EXPECT_EQ(policies.sends(db, outside("10.1.0.1")).text(), "nothing");
  EXPECT_EQ(policies.sends(db, outside("11.0.0.0")).text(), "nothing");
  EXPECT_EQ(policies.sends(db, outside("fd00::1")).text(), "TCP 443");
  EXPECT_EQ(policies.sends(db, outside("fe80::1")).text(), "nothing");
}

TEST(Evaluator, ReadsPortsByNumberRangeNameAndProtocol) {
  EXPECT_EQ(accepted(policy("  ingress: [{ports: [{port: 53, protocol: UDP}, {port: 100, endPort: "
                            "110}, {port: http}, {port: nobody}]}]\n"),
                     web),
            "TCP 100-110, TCP 8080, UDP 53");
  EXPECT_EQ(accepted(policy("  ingress: [{ports: [{protocol: UDP}]}]\n"), web), "UDP 1-65535");
}

TEST(Evaluator, AddsUpWhatSeveralPoliciesPermit) {
  const std::string one =
      "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: p, namespace: "
      "default}\nspec: {podSelector: {}, ingress: [{ports: [{port: ";
  EXPECT_EQ(accepted(read(one + "1}]}]}\n---\n" + one + "2}]}]}\n"), web), "TCP 1-2");
}

TEST(Evaluator, RefusesWhatTheApiServerWouldRefuse) {
  for (const char* spec :
       {"  ingress: [{from: [{}]}]\n", "  ingress: [{ports: [{port: 5, endPort: 4}]}]\n",
        "  ingress: [{ports: [{endPort: 4}]}]\n",
        "  ingress: [{from: [{podSelector: {}, ipBlock: {cidr: 10.0.0.0/8}}]}]\n",
        "  ingress: [{from: [{ipBlock: {cidr: 10.0.0.0}}]}]\n"}) {
    EXPECT_THROW(policy(spec), std::logic_error) << spec;
  }
}

}  // namespace
}  // namespace raykeep::policies
