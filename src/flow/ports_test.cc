#include "flow/ports.h"

#include <gtest/gtest.h>

namespace raykeep::flow {
namespace {

spec::Group group_with(std::string_view resources) {
  spec::Group group;
  auto pod = doc::parse_json(R"({"spec":{"containers":[{"name":"ray","resources":)" +
                             std::string(resources) + "}]}}");
  group.pod_template = pod->as_object();
  return group;
}

TEST(NodePorts, AreTheDesignsDefaults) {
  const NodePorts head = node_ports(group_with("{}"), true);
  EXPECT_EQ(head.gcs, 6379);
  EXPECT_EQ(head.dashboard, 8265);
  EXPECT_EQ(head.client, 10001);
  EXPECT_EQ(head.object_manager, 8076);
  EXPECT_EQ(head.node_manager, 8077);
  EXPECT_EQ(head.agent_http, 52365);
  EXPECT_EQ(head.worker, (spec::PortRange{10002, 10033}));
}

TEST(NodePorts, OfAWorkerHaveNoHeadPorts) {
  const NodePorts worker = node_ports(group_with("{}"), false);
  EXPECT_EQ(worker.gcs, 0);
  EXPECT_EQ(worker.dashboard, 0);
  EXPECT_EQ(worker.client, 0);
}

TEST(NodePorts, FollowRayStartParams) {
  spec::Group group = group_with("{}");
  group.start_params = {{"port", "6380"},
                        {"node-manager-port", "9001"},
                        {"min-worker-port", "20000"},
                        {"max-worker-port", "20009"}};
  const NodePorts head = node_ports(group, true);
  EXPECT_EQ(head.gcs, 6380);
  EXPECT_EQ(head.node_manager, 9001);
  EXPECT_EQ(head.worker, (spec::PortRange{20000, 20009}));
}

TEST(NodePorts, GiveEachCpuFourWorkerPorts) {
  EXPECT_EQ(node_ports(group_with(R"({"limits":{"cpu":"16"}})"), false).worker.last,
            10002 + 64 - 1);
}

TEST(RayCpus, AreTheLimitRoundedUpElseTheRequest) {
  EXPECT_EQ(ray_cpus(group_with(R"({"limits":{"cpu":"1500m"},"requests":{"cpu":"1"}})")), 2);
  EXPECT_EQ(ray_cpus(group_with(R"({"requests":{"cpu":"3"}})")), 3);
  EXPECT_EQ(ray_cpus(group_with(R"({"limits":{"cpu":2}})")), 2);
  EXPECT_EQ(ray_cpus(group_with("{}")), 0);
}

TEST(RayCpus, AreWhatTheDocumentSaysIfItDoes) {
  spec::Group group = group_with(R"({"limits":{"cpu":"4"}})");
  group.start_params["num-cpus"] = "0";
  EXPECT_EQ(ray_cpus(group), 0);
}

}  // namespace
}  // namespace raykeep::flow
