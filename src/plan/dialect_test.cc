#include "plan/dialect.h"

#include <gtest/gtest.h>

#include "doc/document.h"
#include "flow/controller_flows.h"
#include "plan/plan.h"

namespace raykeep::plan {
namespace {

spec::Site site_with(const std::string& spec) {
  auto read = doc::read_yaml(
      "apiVersion: raykeep.io/v1\nkind: Site\nmetadata: {name: bank}\nspec:\n  tls: {mode: "
      "none}\n" +
          spec,
      "site");
  auto parsed = spec::parse_site(read.documents.at(0));
  for (const Finding& each : parsed.findings)
    EXPECT_NE(each.severity, Severity::error) << to_string(each);
  return *parsed.site;
}

ClusterFlows cluster_on(const spec::Site& site, int groups = 1) {
  spec::RayCluster cluster;
  cluster.name = "demo";
  for (int i = 0; i < groups; ++i) {
    cluster.workers.emplace_back().name = "g" + std::to_string(i);
    cluster.workers.back().start_params["min-worker-port"] = std::to_string(20000 + 100 * i);
  }
  return {"demo", flow::flow_table(cluster, site)};
}

std::vector<DialectObject> objects(const spec::Site& site, int groups = 1) {
  return administrator_file({.site = site,
                             .ns = "ray",
                             .clusters = {cluster_on(site, groups)},
                             .controller = flow::controller_flows(site, {})})
      .objects;
}

std::string json(const std::vector<DialectObject>& objects) {
  std::string text;
  for (const DialectObject& each : objects) text += doc::write_json(each.object) + '\n';
  return text;
}

TEST(Dialect, HasNothingToApplyWhereNetworkPoliciesSayItAll) {
  for (const char* enforcer : {"kubernetes", "eks", "antrea", "cilium", "calico"}) {
    spec::Site site = site_with(std::string("  networkPolicy: {enforcer: ") + enforcer + "}\n");
    EXPECT_TRUE(objects(site).empty()) << enforcer;
    AdministratorFile file = administrator_file({site, "ray", {}, {}});
    EXPECT_TRUE(to_text(file).starts_with("# ")) << enforcer;
    EXPECT_TRUE(file.notes.back().starts_with("Nothing to apply")) << enforcer;
  }
}

TEST(Cilium, OpensTheApiServerAsAnEntityToTheControllerAlone) {
  for (const char* how :
       {"{administrator: true, port: 6443}", "{addresses: [10.0.0.1/32], port: 6443}"}) {
    std::string text = json(objects(
        site_with(std::string("  networkPolicy: {enforcer: cilium}\n  apiServer: ") + how + "\n")));
    EXPECT_EQ(text,
              R"({"apiVersion":"cilium.io/v2","kind":"CiliumNetworkPolicy","metadata":{"name":)"
              R"("raykeep-controller-api-server","namespace":"ray"},"spec":{"endpointSelector":{)"
              R"("matchLabels":{"app.kubernetes.io/managed-by":"raykeep","app.kubernetes.io/name":)"
              R"("raykeep-controller"}},"egress":[{"toEntities":["kube-apiserver"],"toPorts":[{)"
              R"("ports":[{"port":"6443","protocol":"TCP"}]}]}]}})"
              "\n");
  }
}

TEST(Cilium, OpensEgressByNameWithItsQuestionsToTheNameServers) {
  std::string text = json(objects(site_with(
      "  networkPolicy: {enforcer: cilium}\n"
      "  egress: [{name: s3, reason: data, to: [{fqdn: s3.bank.example}, {fqdn: '*.hub.example'}, "
      "{cidr: 10.0.0.0/8}], ports: [443, \"9000-9010\"]}]\n")));
  EXPECT_TRUE(text.contains(R"("matchLabels":{"ray.io/cluster":"demo"})")) << text;
  EXPECT_TRUE(text.contains(
      R"("toFQDNs":[{"matchName":"s3.bank.example"},{"matchPattern":"*.hub.example"}])"))
      << text;
  EXPECT_TRUE(text.contains(
      R"("ports":[{"port":"443","protocol":"TCP"},{"port":"9000","endPort":9010,"protocol":"TCP"}])"))
      << text;
  EXPECT_TRUE(text.contains(
      R"("toEndpoints":[{"matchLabels":{"k8s:io.kubernetes.pod.namespace":"kube-system",)"
      R"("k8s:k8s-app":"kube-dns"}}])"))
      << text;
  EXPECT_TRUE(text.contains(R"("rules":{"dns":[{"matchPattern":"*"}]})")) << text;
}

TEST(Dialect, LetsNoReasonEndItsComment) {
  AdministratorFile file{{"a\nkind: Pod\r\xC2\x85kind: Pod\xE2\x80\xA8kind: Pod"}, {}};
  EXPECT_EQ(to_text(file), "# a kind: Pod  kind: Pod kind: Pod\n");
}

TEST(Cilium, SaysNothingOfEgressByAddress) {
  EXPECT_TRUE(objects(site_with("  networkPolicy: {enforcer: cilium}\n"
                                "  egress: [{name: s3, reason: data, to: [{cidr: 10.0.0.0/8}], "
                                "ports: [443]}]\n"))
                  .empty());
}

TEST(Calico, OpensTheApiServerByItsService) {
  std::string text = json(objects(
      site_with("  networkPolicy: {enforcer: calico}\n  apiServer: {administrator: true}\n")));
  EXPECT_TRUE(text.contains(R"("services":{"name":"kubernetes","namespace":"default"})")) << text;
  EXPECT_TRUE(text.contains(
      R"("selector":"app.kubernetes.io/managed-by == 'raykeep' && app.kubernetes.io/name == )"
      R"('raykeep-controller'")"))
      << text;
}

TEST(OpenShift, PassesOnAndNeverAllows) {
  std::string text = json(objects(site_with(
      "  openshift: true\n"
      "  peers: {monitoring: [{namespace: openshift-monitoring}], clients: [{cidr: 10.0.0.0/8}]}\n"
      "  egress: [{name: s3, reason: data, to: [{cidr: 10.0.0.0/8, except: [10.1.0.0/16]}], "
      "ports: [443]}]\n")));
  EXPECT_FALSE(text.contains("Allow"));
  EXPECT_TRUE(text.contains(R"("name":"raykeep.ray.demo")")) << text;
  EXPECT_TRUE(text.contains(R"("name":"raykeep-controller.ray")")) << text;
  EXPECT_TRUE(text.contains(R"("name":"from monitoring","action":"Pass")")) << text;
  EXPECT_TRUE(text.contains(R"("networks":["10.0.0.0/8"])")) << text;
}

TEST(OpenShift, SaysWhichCallersItCannotName) {
  std::vector<DialectObject> made =
      objects(site_with("  openshift: true\n  peers: {clients: [{cidr: 10.0.0.0/8}]}\n"));
  EXPECT_TRUE(made.front().why.back().contains("\"client\"")) << made.front().why.back();
  EXPECT_FALSE(json(made).contains("from client"));
}

TEST(OpenShift, KeepsToTheLimitsOfTheApiWithManyGroups) {
  std::vector<DialectObject> made = objects(site_with("  openshift: true\n"), 150);
  for (const DialectObject& each : made) {
    for (const char* direction : {"ingress", "egress"}) {
      const doc::Array* rules = doc::find_array(each.object, {"spec", direction});
      if (rules == nullptr) continue;
      EXPECT_LE(rules->size(), 100u);
      for (const doc::Value& rule : *rules)
        EXPECT_LE(doc::find_array(rule, {"ports"})->size(), 100u);
    }
  }
}

}  // namespace
}  // namespace raykeep::plan
