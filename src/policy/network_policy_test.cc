#include "policy/network_policy.h"

#include <gtest/gtest.h>

#include "doc/document.h"

namespace raykeep::policy {
namespace {

NetworkPolicy policy(std::string_view spec) {
  doc::ReadResult read =
      doc::read_yaml("metadata: {name: p, namespace: ray}\nspec: " + std::string(spec), "test");
  EXPECT_TRUE(read.findings.empty());
  Result<NetworkPolicy> made = parse_network_policy(read.documents.at(0).value);
  EXPECT_TRUE(made) << (made ? "" : made.error().text);
  return *made;
}

Endpoint pod(spec::StringMap labels, std::string ns = "ray", spec::StringMap of_namespace = {}) {
  return {.ns = std::move(ns),
          .namespace_labels = std::move(of_namespace),
          .labels = std::move(labels)};
}

Endpoint address(std::string text) { return {.ns = "", .address = std::move(text)}; }

std::string in(std::string_view spec, const Endpoint& from, Endpoint to = pod({{"app", "x"}})) {
  return to_string(permitted({policy(spec)}, to, from, Way::ingress).ports);
}

TEST(NetworkPolicy, WhomNoPolicySelectsIsOpen) {
  EXPECT_EQ(in("{podSelector: {matchLabels: {app: z}}}", pod({})), "every port");
  EXPECT_EQ(in("{podSelector: {}}", pod({})), "none");
  // A policy for egress only does not isolate the other direction.
  EXPECT_EQ(in("{podSelector: {}, policyTypes: [Egress]}", pod({})), "every port");
}

TEST(NetworkPolicy, AbsentPeersAreEverybodyAndAbsentPortsAll) {
  EXPECT_EQ(in("{podSelector: {}, ingress: [{}]}", address("192.0.2.1")), "every port");
  EXPECT_EQ(in("{podSelector: {}, ingress: [{ports: [{port: 1}]}]}", pod({}, "other")), "1");
  EXPECT_EQ(in("{podSelector: {}, ingress: [{ports: [{protocol: UDP}]}]}", pod({})), "0-65535/UDP");
  EXPECT_EQ(in("{podSelector: {}, ingress: [{ports: [{protocol: SCTP, port: 1}]}]}", pod({})),
            "none");
}

TEST(NetworkPolicy, SelectorsOfOnePeerMustBothMatch) {
  constexpr auto spec =
      "{podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {team: a}},"
      " podSelector: {matchLabels: {app: z}}}]}]}";
  EXPECT_EQ(in(spec, pod({{"app", "z"}}, "other", {{"team", "a"}})), "every port");
  EXPECT_EQ(in(spec, pod({{"app", "z"}}, "other")), "none");
  EXPECT_EQ(in(spec, pod({}, "other", {{"team", "a"}})), "none");
  EXPECT_EQ(in("{podSelector: {}, ingress: [{from: [{podSelector: {}}]}]}", pod({}, "other")),
            "none");
  EXPECT_EQ(in("{podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: "
               "{kubernetes.io/metadata.name: other}}}]}]}",
               pod({}, "other")),
            "every port");
}

TEST(NetworkPolicy, BlocksAreForAddressesOutside) {
  constexpr auto spec =
      "{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8, except: "
      "[10.1.0.0/16]}}]}]}";
  EXPECT_EQ(in(spec, address("10.2.0.1")), "every port");
  EXPECT_EQ(in(spec, address("10.1.0.1")), "none");
  EXPECT_EQ(in(spec, address("11.0.0.1")), "none");
  EXPECT_EQ(in(spec, pod({})), "none");
  EXPECT_EQ(in("{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 'fd00::/8'}}]}]}",
               address("fd00:0:0:0:0:0:0:1")),
            "every port");
}

TEST(NetworkPolicy, ExpressionsAreUnderstood) {
  auto with = [](std::string_view expression) {
    return "{podSelector: {}, ingress: [{from: [{podSelector: {matchExpressions: [" +
           std::string(expression) + "]}}]}]}";
  };
  EXPECT_EQ(in(with("{key: a, operator: In, values: [x, w]}"), pod({{"a", "w"}})), "every port");
  EXPECT_EQ(in(with("{key: a, operator: In, values: [x, w]}"), pod({})), "none");
  EXPECT_EQ(in(with("{key: a, operator: NotIn, values: [x]}"), pod({})), "every port");
  EXPECT_EQ(in(with("{key: a, operator: NotIn, values: [x]}"), pod({{"a", "x"}})), "none");
  EXPECT_EQ(in(with("{key: a, operator: Exists}"), pod({{"a", ""}})), "every port");
  EXPECT_EQ(in(with("{key: a, operator: DoesNotExist}"), pod({{"a", ""}})), "none");
}

TEST(NetworkPolicy, NamedPortsAreThoseOfTheCalledPod) {
  Endpoint to = pod({{"app", "x"}});
  to.named_ports["serve"] = {spec::Protocol::tcp, 8000};
  EXPECT_EQ(in("{podSelector: {}, ingress: [{ports: [{port: serve}]}]}", pod({}), to), "8000");
  EXPECT_EQ(in("{podSelector: {}, ingress: [{ports: [{port: other}]}]}", pod({}), to), "none");
}

TEST(NetworkPolicy, PoliciesAddUpAndEachRuleIsNamed) {
  std::vector<NetworkPolicy> all = {
      policy("{podSelector: {}, ingress: [{ports: [{port: 1, endPort: 5}]}]}"),
      policy("{podSelector: {}, ingress: [{ports: [{port: 9}]}, {ports: [{port: 7}]}]}")};
  all[1].name = "q";
  Permitted made = permitted(all, pod({}), pod({}), Way::ingress);
  EXPECT_EQ(to_string(made.ports), "1-5, 7, 9");
  ASSERT_EQ(made.rules.size(), 3u);
  EXPECT_EQ(to_string(made.rules[2].first), "NetworkPolicy q ingress[1]");
}

TEST(NetworkPolicy, WhatIsNotUnderstoodIsRefused) {
  for (const char* spec : {"{podSelector: {matchWords: {}}}",
                           "{podSelector: {}, ingress: [{from: [{serviceSelector: {}}]}]}",
                           "{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: x}}]}]}",
                           "{podSelector: {}, ingress: [{from: [{}]}]}",
                           "{podSelector: {}, ingress: [{ports: [{protocol: QUIC}]}]}"}) {
    doc::ReadResult read =
        doc::read_yaml("metadata: {name: p}\nspec: " + std::string(spec), "test");
    EXPECT_FALSE(parse_network_policy(read.documents.at(0).value)) << spec;
  }
}

}  // namespace
}  // namespace raykeep::policy
