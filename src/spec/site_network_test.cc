#include "spec/site_network.h"

#include <gtest/gtest.h>

#include "spec/testing.h"

namespace raykeep::spec {
namespace {

ParsedSite site_with(const std::string& spec) {
  return parse_site_text("apiVersion: raykeep.io/v1\nkind: Site\nmetadata: {name: vault}\nspec:\n" +
                         spec);
}

Site good(const std::string& spec) {
  ParsedSite parsed = site_with(spec);
  EXPECT_EQ(lines(parsed.findings), "") << spec;
  return parsed.site ? *parsed.site : Site{};
}

TEST(SiteNetwork, IsKubernetesItselfUnlessWritten) {
  Site site = good("  tls: {mode: none}\n");
  EXPECT_EQ(site.enforcer, Enforcer::kubernetes);
  EXPECT_TRUE(site.api_server.addresses.empty());
  EXPECT_EQ(site.mesh, Mesh::none);
  EXPECT_TRUE(site.mesh_control_plane.empty());
}

TEST(SiteNetwork, TakesOpenShiftsEnforcerOnOpenShift) {
  EXPECT_EQ(good("  tls: {mode: none}\n  openshift: true\n").enforcer, Enforcer::openshift);
  EXPECT_EQ(good("  tls: {mode: none}\n  openshift: true\n  networkPolicy: {enforcer: cilium}\n")
                .enforcer,
            Enforcer::cilium);
}

TEST(SiteNetwork, ReadsWhereTheApiServerIs) {
  Site site = good("  tls: {mode: none}\n  apiServer: {addresses: [10.0.0.1/32], port: 6443}\n");
  EXPECT_EQ(site.api_server.addresses, std::vector<std::string>{"10.0.0.1/32"});
  EXPECT_EQ(site.api_server.port, 6443);
  EXPECT_TRUE(good("  tls: {mode: none}\n  networkPolicy: {enforcer: cilium}\n"
                   "  apiServer: {administrator: true}\n")
                  .api_server.administrator);
}

TEST(SiteNetwork, SaysThatCiliumPassesByAddressesOfTheApiServer) {
  EXPECT_EQ(codes_of(site_with("  tls: {mode: none}\n  networkPolicy: {enforcer: cilium}\n"
                               "  apiServer: {addresses: [10.0.0.1/32]}\n")
                         .findings),
            "RK3061");
}

TEST(SiteNetwork, SaysThatListsOfPortsAreTooLongForEks) {
  EXPECT_EQ(codes_of(site_with("  tls: {mode: none}\n"
                               "  networkPolicy: {enforcer: eks, endPort: false}\n")
                         .findings),
            "RK3063");
}

TEST(SiteNetwork, TakesNamesWhereTheDialectKnowsThem) {
  Site site = good(
      "  tls: {mode: none}\n  networkPolicy: {enforcer: cilium}\n"
      "  egress: [{name: s3, reason: data, to: [{fqdn: '*.bank.example'}], ports: [443]}]\n");
  EXPECT_EQ(site.egress.at(0).to.at(0).fqdn, "*.bank.example");
}

TEST(SiteNetwork, KnowsEachMeshsControlPlane) {
  Site istio = good("  tls: {mode: mesh, mesh: istio-sidecar}\n");
  EXPECT_EQ(istio.mesh, Mesh::istio_sidecar);
  EXPECT_EQ(istio.mesh_control_plane.at(0).pod_labels->at("app"), "istiod");
  Site linkerd = good("  tls: {mode: mesh, mesh: linkerd}\n");
  EXPECT_EQ(linkerd.mesh_control_plane.at(0).namespace_labels->begin()->second, "linkerd");
  Site own = good("  tls: {mode: mesh, mesh: linkerd, controlPlane: [{namespace: mesh}]}\n");
  EXPECT_EQ(own.mesh_control_plane.at(0).namespace_labels->begin()->second, "mesh");
}

TEST(SiteNetwork, ReadsHowAMeshsProxiesComeIn) {
  Site plain = good("  tls: {mode: mesh, mesh: istio-sidecar}\n");
  EXPECT_EQ(plain.mesh_revision, "");
  EXPECT_TRUE(plain.mesh_native_sidecar);
  Site own = good(
      "  tls: {mode: mesh, mesh: istio-sidecar, revision: v1-31, nativeSidecar: false}\n"
      "  redis: {addresses: [\"r:1\"], tls: {enabled: false}, inMesh: true}\n");
  EXPECT_EQ(own.mesh_revision, "v1-31");
  EXPECT_FALSE(own.mesh_native_sidecar);
  EXPECT_TRUE(own.redis.in_mesh);
}

TEST(SiteNetwork, RefusesWhatDoesNotGoWithTheMesh) {
  struct Case {
    const char* tls;
    const char* codes;
  };
  for (const Case& each :
       {Case{"{mode: mesh}", "RK3046"}, Case{"{mode: none, revision: stable}", "RK3041"},
        Case{"{mode: native, nativeSidecar: false}", "RK3041"},
        Case{"{mode: mesh, mesh: linkerd, revision: stable}", "RK3047"},
        Case{"{mode: mesh, mesh: istio-ambient, nativeSidecar: true}", "RK3047"},
        Case{"{mode: mesh, mesh: istio-sidecar, revision: Not_A_Label}", "RK3033"}})
    EXPECT_EQ(codes_of(site_with("  tls: " + std::string(each.tls) + "\n").findings), each.codes)
        << each.tls;
  EXPECT_EQ(codes_of(site_with("  tls: {mode: none}\n  redis: {addresses: [\"r:1\"], tls: "
                               "{enabled: false}, inMesh: true}\n")
                         .findings),
            "RK3047");
}

TEST(SiteNetwork, ReadsWorkerPorts) {
  Site site = good(
      "  tls: {mode: none}\n"
      "  workerPorts: [{name: nccl, reason: training, ports: [\"20000-20063\"]}]\n");
  EXPECT_EQ(site.worker_ports.at(0).ports.at(0).range, (PortRange{20000, 20063}));
}

TEST(SiteNetwork, LeadsHttpThroughTlsWithNativeUnlessItIsTurnedOff) {
  EXPECT_FALSE(good("  tls: {mode: none}\n").tls_http);
  EXPECT_TRUE(good("  tls: {mode: native}\n").tls_http);
  EXPECT_FALSE(good("  tls: {mode: native, http: false}\n").tls_http);
  EXPECT_EQ(good("  tls: {mode: native, httpSecret: ray-outside}\n").tls_http_secret,
            "ray-outside");
}

}  // namespace
}  // namespace raykeep::spec
