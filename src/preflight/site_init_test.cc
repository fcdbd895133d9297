#include "preflight/site_init.h"

#include <gtest/gtest.h>

#include "preflight/testing.h"

namespace raykeep::preflight {
namespace {

using namespace testing;

SiteFacts nothing_readable() {
  SiteFacts facts{.ns = "bank"};
  facts.server = "https://10.0.0.1:6443";
  facts.version = "v1.34.4";
  for (kube::Said* said : {&facts.ns_object, &facts.policies, &facts.quotas, &facts.limit_ranges,
                           &facts.pods, &facts.services, &facts.service_accounts})
    *said = refusal(403, "no");
  return facts;
}

SiteFacts much_readable() {
  SiteFacts facts = nothing_readable();
  facts.ns_object = answer(R"(
metadata: {name: bank, labels: {pod-security.kubernetes.io/enforce: restricted, istio-injection: enabled}}
)");
  facts.policies = answer(R"(
kind: NetworkPolicyList
items:
- metadata: {name: default-deny}
  spec: {podSelector: {}, policyTypes: [Ingress, Egress]}
- metadata: {name: allow-dns}
  spec:
    podSelector: {}
    policyTypes: [Egress]
    egress:
    - to:
      - namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: dns}}
        podSelector: {matchLabels: {app: coredns}}
      - ipBlock: {cidr: 169.254.20.10/32}
      ports: [{port: 53, protocol: UDP}, {port: 53, protocol: TCP}]
)");
  facts.quotas = answer(R"(
kind: ResourceQuotaList
items: [{metadata: {name: q}, status: {hard: {pods: "20"}, used: {pods: "3"}}}]
)");
  facts.pods = answer(R"(
kind: PodList
items:
- spec:
    priorityClassName: bank
    imagePullSecrets: [{name: pull}]
    containers: [{name: a, image: "r.bank.example/mirror/a:1"}, {name: istio-proxy, image: "r.bank.example/mirror/istio/proxyv2:1"}]
- spec:
    priorityClassName: bank
    containers: [{name: a, image: "r.bank.example/mirror/b/c:1"}]
)");
  return facts;
}

/// The written Site, read by our own reader.
spec::ParsedSite read(const SiteFacts& facts) { return spec::parse_site_text(site_text(facts)); }

TEST(SiteInit, WritesASiteWithoutErrorsWhereNothingCanBeRead) {
  spec::ParsedSite parsed = read(nothing_readable());
  EXPECT_EQ(spec::lines(parsed.findings), "");
  ASSERT_TRUE(parsed.site);
  EXPECT_EQ(parsed.site->name, "bank");
  EXPECT_TRUE(site_text(nothing_readable()).contains("could not be read (no right)"));
  EXPECT_TRUE(site_text(nothing_readable()).contains("TODO(you)"));
}

TEST(SiteInit, WritesWhatItFoundAndWhereItFoundIt) {
  spec::ParsedSite parsed = read(much_readable());
  EXPECT_EQ(spec::lines(parsed.findings), "");
  ASSERT_TRUE(parsed.site);
  const spec::Site& site = *parsed.site;
  EXPECT_EQ(site.registry, "r.bank.example/mirror");
  EXPECT_EQ(site.image_pull_secrets, std::vector<std::string>{"pull"});
  EXPECT_EQ(site.pods.priority_class_name, "bank");
  ASSERT_EQ(site.dns.servers.size(), 2u);
  EXPECT_EQ(site.dns.servers[0].namespace_labels->at("kubernetes.io/metadata.name"), "dns");
  EXPECT_EQ(site.dns.servers[0].pod_labels->at("app"), "coredns");
  EXPECT_EQ(site.dns.servers[1].cidr, "169.254.20.10/32");
  std::string text = site_text(much_readable());
  for (const char* part :
       {"Pod Security: restricted", "Default deny: ingress yes, egress yes", "allow-dns",
        "ResourceQuota q, in use: pods 3 of 20", "mesh (Istio", "istio-proxy"})
    EXPECT_TRUE(text.contains(part)) << part << "\n" << text;
}

TEST(SiteInit, KnowsOpenShift) {
  SiteFacts facts = much_readable();
  facts.groups = {"security.openshift.io", "kyverno.io"};
  spec::ParsedSite parsed = read(facts);
  EXPECT_EQ(spec::lines(parsed.findings), "");
  ASSERT_TRUE(parsed.site);
  EXPECT_TRUE(parsed.site->openshift);
  EXPECT_FALSE(parsed.site->pods.run_as_user);
  EXPECT_TRUE(site_text(facts).contains("Kyverno"));
}

TEST(SiteInit, WritesTheEnforcerAndTheApiServersAddresses) {
  SiteFacts facts = much_readable();
  facts.groups = {"crd.projectcalico.org"};
  facts.api_endpoints = answer(
      "{endpoints: [{addresses: [10.0.0.1]}, {addresses: [10.0.0.2]}], ports: [{port: 6443}]}");
  spec::ParsedSite parsed = read(facts);
  EXPECT_EQ(spec::lines(parsed.findings), "");
  std::string text = site_text(facts);
  EXPECT_TRUE(text.contains("  enforcer: calico")) << text;
  EXPECT_TRUE(text.contains("addresses: [\"10.0.0.1/32\", \"10.0.0.2/32\"]")) << text;
  facts.groups = {"cilium.io"};
  EXPECT_EQ(spec::lines(read(facts).findings), "");
  EXPECT_FALSE(site_text(facts).contains("\n  apiServer:")) << "Cilium knows no addresses of it";
}

TEST(SiteInit, KeepsTheClustersTextsInTheirPlace) {
  SiteFacts facts = much_readable();
  facts.ns = "bank\nspec: {openshift: true}";
  facts.pods = answer(R"(
kind: PodList
items: [{spec: {priorityClassName: "x\n  openshift: true", containers: []}}]
)");
  doc::ReadResult result = doc::read_yaml(site_text(facts), "x");
  ASSERT_EQ(result.documents.size(), 1u);
  EXPECT_EQ(doc::find(result.documents[0].value, {"spec", "openshift"}), nullptr);
}

TEST(SiteInit, FindsWhatImagesHaveInCommon) {
  EXPECT_EQ(common_registry({"r.example/a/x:1", "r.example/a/b/y:1"}), "r.example/a");
  EXPECT_EQ(common_registry({"r.example/a/x:1", "s.example/a/x:1"}), "");
  EXPECT_EQ(common_registry({"r.example:5000/x"}), "r.example:5000");
  EXPECT_EQ(common_registry({"ray:1"}), "");
  EXPECT_EQ(common_registry({}), "");
}

}  // namespace
}  // namespace raykeep::preflight
