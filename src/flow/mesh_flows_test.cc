#include "flow/mesh_flows.h"

#include <algorithm>

#include <gtest/gtest.h>

namespace raykeep::flow {
namespace {

spec::RayCluster small() {
  spec::RayCluster cluster;
  cluster.name = "demo";
  cluster.head.name = "headgroup";
  cluster.workers.resize(1);
  cluster.workers[0].name = "cpu";
  const auto pod = doc::parse_json(R"({"spec":{"containers":[{"name":"ray"}]}})");
  cluster.head.pod_template = cluster.workers[0].pod_template = pod->as_object();
  return cluster;
}

spec::Site site_with(spec::Mesh mesh) {
  spec::Site site = spec::default_site();
  site.tls_mode = mesh == spec::Mesh::none ? spec::TlsMode::none : spec::TlsMode::mesh;
  site.mesh = mesh;
  site.mesh_control_plane = {
      {.name = "control-plane",
       .namespace_labels = spec::StringMap{{"kubernetes.io/metadata.name", "mesh"}},
       .pod_labels = {},
       .cidr = {},
       .except = {}}};
  site.monitoring = site.mesh_control_plane;
  return site;
}

/// "id port" of what the mesh adds.
std::vector<std::string> added(const spec::Site& site) {
  spec::Site plain = site;
  plain.mesh = spec::Mesh::none;
  std::vector<Flow> without = flow_table(small(), plain), with = flow_table(small(), site);
  std::vector<std::string> rows;
  for (std::size_t i = without.size(); i < with.size(); ++i)
    rows.push_back(with[i].id() + ' ' + std::to_string(with[i].ports.first));
  return rows;
}

bool has(const std::vector<std::string>& rows, const std::string& row) {
  return std::ranges::count(rows, row) > 0;
}

TEST(MeshFlows, AreNoneWithoutAMesh) { EXPECT_TRUE(added(site_with(spec::Mesh::none)).empty()); }

TEST(MeshFlows, OfIstiosSidecarsAreTheControlPlaneAndMetrics) {
  EXPECT_EQ(added(site_with(spec::Mesh::istio_sidecar)),
            (std::vector<std::string>{"head->mesh istiod 15012", "worker(cpu)->mesh istiod 15012",
                                      "monitoring->head mesh-metrics 15020",
                                      "monitoring->worker(cpu) mesh-metrics 15020"}));
}

TEST(MeshFlows, OfIstiosAmbientAreTheTunnelAndProbes) {
  auto rows = added(site_with(spec::Mesh::istio_ambient));
  for (const char* row : {"worker(cpu)->head mesh 15008", "head->worker(cpu) mesh 15008",
                          "worker(cpu)->worker(cpu) mesh 15008", "monitoring->head mesh 15008",
                          "controller->head mesh 15008", "mesh(probes)->head probe 52370",
                          "mesh(probes)->worker(cpu) probe 52370"}) {
    EXPECT_TRUE(has(rows, row)) << row;
  }
  EXPECT_FALSE(has(rows, "head->dns mesh 15008"));
}

TEST(MeshFlows, OfLinkerdAreTheTunnelAndTheControlPlane) {
  auto rows = added(site_with(spec::Mesh::linkerd));
  for (const char* row : {"worker(cpu)->head mesh 4143", "head->mesh identity 8080",
                          "head->mesh destination 8086", "worker(cpu)->mesh policy 8090",
                          "head->mesh mesh 4143", "monitoring->head mesh-metrics 4191"}) {
    EXPECT_TRUE(has(rows, row)) << row;
  }
}

TEST(MeshFlows, NeverSendATunnelToAddresses) {
  spec::Site site = site_with(spec::Mesh::istio_ambient);
  site.egress = {{.name = "store",
                  .reason = "data",
                  .to = {{.name = "s",
                          .namespace_labels = {},
                          .pod_labels = {},
                          .cidr = "10.1.0.0/16",
                          .except = {}}},
                  .ports = {{{443, 443}}}}};
  EXPECT_FALSE(has(added(site), "head->outside(store) mesh 15008"));
}

}  // namespace
}  // namespace raykeep::flow
