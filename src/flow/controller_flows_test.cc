#include "flow/controller_flows.h"

#include <algorithm>

#include <gtest/gtest.h>

namespace raykeep::flow {
namespace {

std::vector<std::string> ids(const std::vector<Flow>& flows) {
  std::vector<std::string> all;
  for (const Flow& flow : flows) all.push_back(flow.id());
  return all;
}

bool has(const std::vector<Flow>& flows, const std::string& id) {
  return std::ranges::count(ids(flows), id) > 0;
}

spec::Peer addresses(std::string cidr) {
  return {
      .name = "a", .namespace_labels = {}, .pod_labels = {}, .cidr = std::move(cidr), .except = {}};
}

TEST(ControllerFlows, AreTheApiServerNamesHeadsAndRedis) {
  EXPECT_EQ(
      ids(controller_flows(spec::default_site(), {})),
      (std::vector<std::string>{
          "controller->dns dns", "controller->dns dns-tcp", "controller->api-server kube-api",
          "controller->api-server kube-api", "controller->head raykeep",
          "controller->head dashboard", "controller->worker raykeep", "controller->redis redis"}));
}

TEST(ControllerFlows, AreOpenToAnyAddressOnlyWhereTheApiServersIsNotKnown) {
  spec::Site site = spec::default_site();
  for (const Flow& flow : controller_flows(site, {}))
    EXPECT_EQ(flow.anyone, flow.to.role == Role::api_server) << flow.id();
  site.api_server.addresses = {"10.0.0.1/32"};
  site.api_server.port = 6443;
  int rows = 0;
  for (const Flow& flow : controller_flows(site, {})) {
    EXPECT_FALSE(flow.anyone) << flow.id();
    if (flow.to.role != Role::api_server) continue;
    ++rows;
    EXPECT_EQ(flow.ports, (spec::PortRange{6443, 6443}));
    EXPECT_EQ(flow.peers.at(0).cidr, "10.0.0.1/32");
  }
  EXPECT_EQ(rows, 1);
}

TEST(ControllerFlows, LeaveTheApiServerToTheAdministratorWhereTheSiteSaysSo) {
  spec::Site site = spec::default_site();
  site.api_server.administrator = true;
  for (const Flow& flow : controller_flows(site, {}))
    EXPECT_EQ(flow.administrator, flow.to.role == Role::api_server) << flow.id();
}

TEST(ControllerFlows, BelieveTheCommandLineBeforeTheSite) {
  spec::Site site = spec::default_site();
  site.api_server.addresses = {"10.0.0.1/32"};
  auto flows = controller_flows(site, {.api_server = {{"10.9.0.1/32", 443}}});
  EXPECT_TRUE(has(flows, "controller->api-server(10.9.0.1/32) kube-api"));
  EXPECT_FALSE(has(flows, "controller->api-server(10.0.0.1/32) kube-api"));
}

TEST(ControllerFlows, ReachTheSitesRedisAndThoseOfTheCommandLine) {
  spec::Site site = spec::default_site();
  site.redis.form = spec::SiteRedis::Form::addresses;
  site.redis.addresses = {{"10.7.0.9", 6380}};
  auto flows = controller_flows(site, {.redis = {{"10.8.0.0/24", 0}}});
  EXPECT_TRUE(has(flows, "controller->redis(site) redis"));
  EXPECT_TRUE(has(flows, "controller->redis(10.8.0.0/24) redis"));
}

TEST(ControllerFlows, AnswerTheSitesMonitoringOnly) {
  spec::Site site = spec::default_site();
  site.monitoring = {addresses("10.1.0.0/16")};
  EXPECT_TRUE(has(controller_flows(site, {}), "monitoring->controller raykeep"));
}

TEST(ControllerFlows, TakeTheControllerIntoTheMesh) {
  spec::Site site = spec::default_site();
  site.tls_mode = spec::TlsMode::mesh;
  site.mesh = spec::Mesh::linkerd;
  site.mesh_control_plane = {addresses("10.1.0.0/16")};
  auto flows = controller_flows(site, {});
  EXPECT_TRUE(has(flows, "controller->head mesh"));
  EXPECT_TRUE(has(flows, "controller->mesh identity"));
}

}  // namespace
}  // namespace raykeep::flow
