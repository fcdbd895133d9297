#include "plan/mesh.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "doc/document.h"
#include "flow/ports.h"
#include "plan/plan.h"
#include "spec/testing.h"

namespace raykeep::plan {
namespace {

using spec::kSmallCluster;
using spec::with;

spec::Site site_on(const std::string& tls, const std::string& more = "") {
  auto parsed = spec::parse_site_text(
      "apiVersion: raykeep.io/v1\nkind: Site\nmetadata: {name: s}\nspec:\n  tls: {mode: mesh, " +
      tls + "}\n" + more);
  EXPECT_FALSE(has_errors(parsed.findings)) << spec::lines(parsed.findings);
  return *parsed.site;
}

Plan planned(const spec::Site& site, const std::string& cluster = std::string(kSmallCluster)) {
  auto parsed = spec::parse_cluster(cluster);
  EXPECT_FALSE(has_errors(parsed.findings)) << spec::lines(parsed.findings);
  return plan(*parsed.cluster, site, {.ns = "ray", .generation = "", .token = ""});
}

/// The object of that kind and name; null where there is none.
doc::Value find_object(const Plan& plan, std::string_view kind, std::string_view name) {
  for (const doc::Value& object : plan.objects) {
    if (doc::find_string(object, {"kind"}) == kind &&
        doc::find_string(object, {"metadata", "name"}) == name)
      return object;
  }
  return nullptr;
}

std::string_view meta(const doc::Value& workload, const char* list, const char* key) {
  return doc::find_string(workload, {"spec", "template", "metadata", list, key});
}

TEST(MeshIstioSidecar, TakesEveryPodInWithATenantsRights) {
  Plan plan = planned(site_on("mesh: istio-sidecar"), std::string(kSmallCluster));
  int pods = 0;
  for (const doc::Value& object : plan.objects) {
    if (doc::find(object, {"spec", "template"}) == nullptr) continue;
    ++pods;
    EXPECT_EQ(meta(object, "labels", "sidecar.istio.io/inject"), "true");
    EXPECT_EQ(meta(object, "labels", "istio.io/rev"), "");
    EXPECT_EQ(meta(object, "annotations", "sidecar.istio.io/nativeSidecar"), "true");
    EXPECT_EQ(meta(object, "annotations", "sidecar.istio.io/rewriteAppHTTPProbers"), "true");
    EXPECT_EQ(meta(object, "annotations", "traffic.sidecar.istio.io/excludeOutboundPorts"), "");
    auto config = doc::read_yaml(std::string(meta(object, "annotations", "proxy.istio.io/config")),
                                 "annotation");
    ASSERT_EQ(config.documents.size(), 1u);
    EXPECT_EQ(*doc::find(config.documents[0].value, {"holdApplicationUntilProxyStarts"}),
              doc::Value(true));
  }
  EXPECT_GE(pods, 2);
  for (const doc::Value& object : plan.objects)
    EXPECT_TRUE(doc::find_string(object, {"apiVersion"}).find("istio.io") ==
                std::string_view::npos);
}

TEST(MeshIstioSidecar, ChoosesARevisionAndTheOlderKindOfSidecar) {
  Plan plan = planned(site_on("mesh: istio-sidecar, revision: stable, nativeSidecar: false"));
  doc::Value head = find_object(plan, "StatefulSet", "demo-head");
  EXPECT_EQ(meta(head, "labels", "istio.io/rev"), "stable");
  EXPECT_EQ(meta(head, "annotations", "sidecar.istio.io/nativeSidecar"), "false");
}

// A call to a pod's address is encrypted only where a headless Service declares the port.
TEST(MeshIstioSidecar, DeclaresEveryPortThatIsDialledInAHeadlessService) {
  Plan plan = planned(
      site_on("mesh: istio-sidecar",
              "  peers: {monitoring: [{namespace: m}], ingress: [{namespace: i}], clients: "
              "[{podLabels: {a: b}}], submitters: [{podLabels: {a: b}}]}\n"
              "  workerPorts: [{name: nccl, reason: training, ports: [\"29500-29503\"]}]\n"));
  doc::Value service = find_object(plan, "Service", "demo-nodes");
  ASSERT_TRUE(service.is_object());
  EXPECT_EQ(doc::find_string(service, {"spec", "clusterIP"}), "None");
  EXPECT_EQ(*doc::find(service, {"spec", "publishNotReadyAddresses"}), doc::Value(true));
  EXPECT_EQ(doc::find_string(service, {"metadata", "annotations", "networking.istio.io/exportTo"}),
            ".");
  std::set<std::int64_t> declared;
  std::set<std::string> names;
  for (const doc::Value& port : *doc::find_array(service, {"spec", "ports"})) {
    declared.insert(doc::find(port, {"port"})->get_int64());
    EXPECT_EQ(*doc::find(port, {"port"}), *doc::find(port, {"targetPort"}));
    EXPECT_EQ(doc::find_string(port, {"appProtocol"}), "tcp");
    EXPECT_TRUE(doc::find_string(port, {"name"}).starts_with("tcp-"));
    EXPECT_TRUE(names.insert(std::string(doc::find_string(port, {"name"}))).second);
  }
  int rows = 0;
  for (const flow::Flow& flow : plan.flows) {
    if (flow.to.role != flow::Role::head && flow.to.role != flow::Role::worker) continue;
    if (flow.port_name == "mesh-metrics") {
      EXPECT_FALSE(declared.contains(flow.ports.first));
      continue;
    }
    ++rows;
    for (int port = flow.ports.first; port <= flow.ports.last; ++port)
      EXPECT_TRUE(declared.contains(port)) << flow.id() << ' ' << port;
  }
  EXPECT_GE(rows, 15);
}

TEST(MeshIstioSidecar, TellsGroupsThatPinAPortDifferentlyApart) {
  std::string cluster = with(kSmallCluster, "      dashboard-host: \"0.0.0.0\"\n",
                             "      node-manager-port: \"9077\"\n");
  doc::Value service =
      find_object(planned(site_on("mesh: istio-sidecar"), cluster), "Service", "demo-nodes");
  std::set<std::string> names;
  for (const doc::Value& port : *doc::find_array(service, {"spec", "ports"})) {
    std::string name(doc::find_string(port, {"name"}));
    if (name.starts_with("tcp-node-manager")) names.insert(name);
  }
  EXPECT_EQ(names, (std::set<std::string>{"tcp-node-manager", "tcp-node-manager-9077"}));
}

TEST(MeshIstioSidecar, LeavesOnlyARedisWithTlsOfItsOwnToItself) {
  const std::string redis =
      "  redis: {addresses: [\"redis.data.svc:6380\"], peers: [{namespace: "
      "data}], tls: {enabled: ";
  constexpr auto* key = "traffic.sidecar.istio.io/excludeOutboundPorts";
  struct Case {
    std::string redis;
    std::string_view head;
  };
  for (const Case& each :
       {Case{redis + "true}}\n", "6380"}, Case{redis + "false}}\n", ""},
        Case{redis + "true}, inMesh: true}\n", ""}, Case{"  redis: {managed: {}}\n", ""}}) {
    Plan plan = planned(site_on("mesh: istio-sidecar", each.redis));
    EXPECT_EQ(meta(find_object(plan, "StatefulSet", "demo-head"), "annotations", key), each.head)
        << each.redis;
    for (const doc::Value& object : plan.objects) {
      if (doc::find_string(object, {"kind"}) == "Deployment")
        EXPECT_EQ(meta(object, "annotations", key), "");
    }
  }
}

TEST(MeshIstioAmbient, NeedsALabelAndNoMore) {
  Plan plan = planned(site_on("mesh: istio-ambient"));
  doc::Value head = find_object(plan, "StatefulSet", "demo-head");
  EXPECT_EQ(meta(head, "labels", "istio.io/dataplane-mode"), "ambient");
  EXPECT_EQ(meta(head, "labels", "sidecar.istio.io/inject"), "");
  EXPECT_TRUE(find_object(plan, "Service", "demo-nodes").is_null());
}

TEST(MeshLinkerd, MakesEveryPortOpaqueAndWantsAuthenticatedClients) {
  Plan plan = planned(site_on("mesh: linkerd", "  redis: {managed: {tls: false}}\n"));
  doc::Value head = find_object(plan, "StatefulSet", "demo-head");
  EXPECT_EQ(meta(head, "annotations", "linkerd.io/inject"), "enabled");
  EXPECT_EQ(meta(head, "annotations", "config.linkerd.io/default-inbound-policy"),
            "all-authenticated");
  EXPECT_EQ(meta(head, "annotations", "config.linkerd.io/proxy-enable-native-sidecar"), "true");
  EXPECT_TRUE(meta(head, "annotations", "config.linkerd.io/opaque-ports").starts_with("6379,"));
  EXPECT_TRUE(meta(head, "annotations", "config.linkerd.io/opaque-ports").contains("10002-"));
  EXPECT_EQ(meta(find_object(plan, "StatefulSet", "demo-redis"), "annotations",
                 "config.linkerd.io/opaque-ports"),
            "6379");
}

TEST(Mesh, IsJoinedByNobodyWithoutOne) {
  auto site = spec::parse_site_text(std::string(spec::kSmallSite));
  Plan plan = planned(*site.site);
  for (const doc::Value& object : plan.objects) {
    const std::string text = doc::write_json(object);
    EXPECT_FALSE(text.contains("istio.io") || text.contains("linkerd.io"));
  }
}

TEST(Mesh, IsLeftByPodsThatEnd) {
  doc::Object pod{
      {"metadata", doc::Object{{"labels", doc::Object{{"sidecar.istio.io/inject", "true"}}}}}};
  leave_mesh(pod);
  EXPECT_EQ(doc::find_string(pod, {"metadata", "labels", "sidecar.istio.io/inject"}), "false");
  EXPECT_EQ(doc::find_string(pod, {"metadata", "labels", "istio.io/dataplane-mode"}), "none");
  EXPECT_EQ(doc::find_string(pod, {"metadata", "annotations", "linkerd.io/inject"}), "disabled");
}

}  // namespace
}  // namespace raykeep::plan
