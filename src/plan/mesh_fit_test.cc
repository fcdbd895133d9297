#include "plan/mesh_fit.h"

#include <set>

#include <gtest/gtest.h>

#include "plan/plan.h"
#include "spec/testing.h"

namespace raykeep::plan {
namespace {

using spec::kSmallCluster;
using spec::replaced;
using spec::with;

const std::string sidecar = "mesh: istio-sidecar", ambient = "mesh: istio-ambient",
                  linkerd = "mesh: linkerd";
// Says that the Redis is encrypted where nothing else is meant.
const std::string redis_peers = "peers: [{namespace: data}]";

Findings findings(const std::string& tls, const std::string& cluster, const std::string& more) {
  auto site = spec::parse_site_text(
      "apiVersion: raykeep.io/v1\nkind: Site\nmetadata: {name: s}\nspec:\n  images: {registry: "
      "r.bank.example}\n  tls: {mode: mesh, " +
      tls + "}\n" + more);
  EXPECT_FALSE(has_errors(site.findings)) << spec::lines(site.findings);
  auto parsed = spec::parse_cluster(cluster);
  EXPECT_FALSE(has_errors(parsed.findings)) << spec::lines(parsed.findings);
  return plan(*parsed.cluster, *site.site, {.ns = "ray", .generation = "", .token = ""}).findings;
}

std::string codes(const std::string& tls, const std::string& cluster,
                  const std::string& more = "") {
  return spec::codes_of(findings(tls, cluster, more));
}

/// The small cluster with metadata in the template of its workers.
std::string workers_with(const std::string& metadata) {
  return replaced(kSmallCluster, "      metadata: {}\n", "      metadata: {" + metadata + "}\n");
}

std::string annotated(const std::string& key, const std::string& value) {
  return workers_with("annotations: {" + key + ": \"" + value + "\"}");
}

std::string labelled(const std::string& key, const std::string& value) {
  return workers_with("labels: {" + key + ": \"" + value + "\"}");
}

TEST(MeshFit, FindsNothingInAPlainClusterInEachMesh) {
  for (const std::string& mesh : {sidecar, ambient, linkerd})
    EXPECT_EQ(codes(mesh, std::string(kSmallCluster)), "") << mesh;
}

TEST(MeshFit, NamesEachMistakeOfADocument) {
  struct Mistake {
    std::string mesh;
    std::string cluster;
    std::string_view code;
  };
  const std::string image = "          image: rayproject/ray:2.52.0\n";
  const std::vector<Mistake> mistakes{
      {sidecar, annotated("proxy.istio.io/config", "proxyMetadata: {A: b}"), "RK4202 RK4203"},
      {sidecar,
       annotated("proxy.istio.io/config",
                 "{holdApplicationUntilProxyStarts: true, concurrency: 1}"),
       "RK4203"},
      {sidecar, annotated("proxy.istio.io/config", "terminationDrainDuration: 60s"), "RK4202"},
      {sidecar, annotated("traffic.sidecar.istio.io/excludeInboundPorts", "9, 8076"), "RK4204"},
      {sidecar, annotated("traffic.sidecar.istio.io/excludeOutboundPorts", "6379"), "RK4204"},
      {sidecar, annotated("traffic.sidecar.istio.io/includeInboundPorts", "8077"), "RK4204"},
      {sidecar, annotated("sidecar.istio.io/interceptionMode", "NONE"), "RK4205"},
      {sidecar, labelled("sidecar.istio.io/inject", "false"), "RK4206"},
      {sidecar, annotated("sidecar.istio.io/inject", "false"), "RK4206"},
      {sidecar, annotated("sidecar.istio.io/rewriteAppHTTPProbers", "false"), "RK4213"},
      {sidecar, labelled("istio.io/dataplane-mode", "ambient"), "RK4215"},
      {sidecar, annotated("linkerd.io/inject", "enabled"), "RK4215"},
      {sidecar, with(kSmallCluster, image, "          securityContext: {runAsUser: 1337}\n"),
       "RK4211"},
      {sidecar, with(kSmallCluster, image, "          env: [{name: RAY_USE_TLS, value: \"1\"}]\n"),
       "RK4209"},
      {sidecar,
       with(kSmallCluster, "          - {name: gcs, containerPort: 6379}\n",
            "          - {name: own, containerPort: 15020}\n"),
       "RK4210"},
      {sidecar,
       replaced(kSmallCluster, "    rayStartParams: {}\n",
                "    rayStartParams: {node-manager-port: \"15010\"}\n"),
       "RK4210"},
      {sidecar,
       with(kSmallCluster, "  headGroupSpec:\n",
            "    headService: {spec: {ports: [{name: dashboard, port: 8265, appProtocol: "
            "http}]}}\n"),
       "RK4212"},
      {sidecar,
       with(kSmallCluster, "  headGroupSpec:\n",
            "    headService: {spec: {ports: [{name: grpc-gcs, port: 6379}]}}\n"),
       "RK4212"},
      {ambient, labelled("istio.io/dataplane-mode", "none"), "RK4206"},
      {ambient, annotated("ambient.istio.io/bypass-inbound-capture", "true"), "RK4205"},
      {ambient, labelled("sidecar.istio.io/inject", "true"), "RK4215"},
      {linkerd, annotated("linkerd.io/inject", "disabled"), "RK4206"},
      {linkerd, annotated("config.linkerd.io/skip-inbound-ports", "8000-9000"), "RK4204"},
      {linkerd, annotated("config.linkerd.io/skip-outbound-ports", "6379"), "RK4204"},
      {linkerd, annotated("config.linkerd.io/default-inbound-policy", "all-unauthenticated"),
       "RK4216"},
      {linkerd, annotated("config.linkerd.io/opaque-ports", "6379"), "RK4217"},
      {linkerd, with(kSmallCluster, image, "          securityContext: {runAsUser: 2102}\n"),
       "RK4211"},
      {linkerd,
       with(kSmallCluster, "          - {name: gcs, containerPort: 6379}\n",
            "          - {name: own, containerPort: 4191}\n"),
       "RK4210"},
  };
  std::set<std::string_view> seen;
  for (const Mistake& each : mistakes) {
    EXPECT_EQ(codes(each.mesh, each.cluster), each.code) << each.cluster;
    seen.insert(each.code);
  }
  EXPECT_GE(seen.size(), 10u);
}

TEST(MeshFit, SaysWhereItIsWritten) {
  Findings of_document = findings(sidecar, labelled("sidecar.istio.io/inject", "false"), "");
  ASSERT_EQ(of_document.size(), 1u);
  EXPECT_EQ(of_document[0].path,
            "spec.workerGroupSpecs[0].template.metadata.labels.sidecar.istio.io/inject");
  Findings of_site = findings(sidecar, std::string(kSmallCluster),
                              "  pods: {annotations: {sidecar.istio.io/interceptionMode: NONE}}\n");
  ASSERT_EQ(of_site.size(), 1u);  // once, though it is in each group's pods
  EXPECT_EQ(of_site[0].path, "spec.pods.annotations.sidecar.istio.io/interceptionMode");
}

TEST(MeshFit, CountsWhatEachSidecarMustKnow) {
  auto workers = [](int replicas, const char* last) {
    return replaced(
        replaced(kSmallCluster, "    replicas: 2\n    minReplicas: 1\n    maxReplicas: 5\n",
                 "    replicas: " + std::to_string(replicas) + "\n"),
        "    rayStartParams: {}\n",
        std::string("    rayStartParams: {max-worker-port: \"") + last + "\"}\n");
  };
  EXPECT_EQ(codes(sidecar, workers(20, "10033")), "");
  Findings many = findings(sidecar, workers(60, "10101"), "");
  ASSERT_EQ(spec::codes_of(many), "RK4201");
  EXPECT_EQ(many[0].severity, Severity::warning);
  EXPECT_TRUE(many[0].what.contains("61 pods")) << many[0].what;
  Findings too_many = findings(sidecar, workers(5, "14999"), "");
  ASSERT_EQ(spec::codes_of(too_many), "RK4201");
  EXPECT_EQ(too_many[0].severity, Severity::error);
  EXPECT_EQ(codes(ambient, workers(60, "10101")), "");
}

TEST(MeshFit, SaysHowTheWayToRedisIsEncrypted) {
  auto redis = [](const std::string& rest) {
    return "  redis: {addresses: [\"redis.data.svc:6379\"], " + redis_peers + ", " + rest + "}\n";
  };
  const std::string cluster(kSmallCluster);
  EXPECT_EQ(codes(sidecar, cluster, redis("tls: {enabled: false}")), "RK4207");
  EXPECT_EQ(codes(sidecar, cluster, redis("tls: {enabled: false}, inMesh: true")), "");
  EXPECT_EQ(codes(sidecar, cluster, redis("tls: {enabled: true}")), "");
  EXPECT_EQ(codes(sidecar, cluster, redis("tls: {enabled: true}, inMesh: true")), "RK4209");
  EXPECT_EQ(codes(sidecar, cluster, "  redis: {managed: {}}\n"), "RK4209");
  EXPECT_EQ(codes(sidecar, cluster, "  redis: {managed: {tls: false}}\n"), "");
  // The document's own list of excluded ports forgets Redis.
  std::string own = with(kSmallCluster, "    template:\n",
                         "      metadata: {annotations: {"
                         "traffic.sidecar.istio.io/excludeOutboundPorts: \"9\"}}\n");
  EXPECT_EQ(codes(sidecar, own, redis("tls: {enabled: true}")), "RK4208");
}

TEST(MeshFit, SaysWhatInitContainersAndUdpCannotHave) {
  std::string cluster =
      with(kSmallCluster, "      metadata: {}\n      spec:\n",
           "        initContainers: [{name: fetch, image: \"fetch:1\", resources: {limits: {cpu: "
           "\"1\", memory: 1Gi}}}]\n");
  Findings native = findings(sidecar, cluster, "");
  ASSERT_EQ(spec::codes_of(native), "RK4214");
  EXPECT_EQ(native[0].severity, Severity::notice);
  Findings older = findings(sidecar + ", nativeSidecar: false", cluster, "");
  ASSERT_EQ(spec::codes_of(older), "RK4214");
  EXPECT_EQ(older[0].severity, Severity::warning);
  EXPECT_EQ(codes(ambient, cluster), "");
  EXPECT_EQ(codes(sidecar, std::string(kSmallCluster),
                  "  workerPorts: [{name: rdma, reason: fast, ports: [4791/UDP]}]\n"),
            "RK4218");
}

TEST(MeshFit, IsSilentWithoutAMesh) {
  auto site = spec::parse_site_text(std::string(spec::kSmallSite) +
                                    "  images: {registry: r.bank.example}\n");
  auto cluster = spec::parse_cluster(labelled("sidecar.istio.io/inject", "false"));
  EXPECT_TRUE(plan(*cluster.cluster, *site.site, {.ns = "ray", .generation = "", .token = ""})
                  .findings.empty());
}

TEST(MeshFit, ExplainsEachCodeOnce) {
  std::set<std::string_view> seen;
  for (const MeshCode& each : mesh_codes()) {
    EXPECT_TRUE(seen.insert(each.code).second) << each.code;
    EXPECT_TRUE(each.code.starts_with("RK42"));
    EXPECT_TRUE(each.meaning.ends_with('.')) << each.code;
  }
  EXPECT_EQ(seen.size(), 18u);
}

}  // namespace
}  // namespace raykeep::plan
