#include "control/agent_report.h"

#include <gtest/gtest.h>

#include "control/testing.h"

namespace raykeep::control {
namespace {

AgentReport report_of(std::string_view json) { return read_agent_report(*doc::parse_json(json)); }

TEST(AgentReport, TellsStoreFenceAndWhatWasHealed) {
  AgentReport report = report_of(R"({"storage": "redis",
    "processes": {"gcs_server": {"restarts": 3, "lastOutageSeconds": 0.25}},
    "redis": {"connected": true, "fence": "script", "epoch": 7, "storageLost": false}})");
  EXPECT_EQ(report, (AgentReport{.reason = {},
                                 .store_problem = {},
                                 .storage = "redis",
                                 .fence = "script",
                                 .epoch = 7,
                                 .gcs_restarts = 3,
                                 .gcs_last_outage_seconds = 0.25,
                                 .warnings = {}}));
}

TEST(AgentReport, OfAHeadThatKeepsAllInMemoryHasNoFence) {
  EXPECT_EQ(report_of(R"({"storage": "memory"})").storage, "memory");
  EXPECT_TRUE(report_of(R"({"storage": "memory"})").fence.empty());
  EXPECT_EQ(report_of("[]"), AgentReport{});
}

TEST(AgentReport, WarnsOfLostStateAndOfARedisThatIsAway) {
  auto lost = report_of(R"({"redis": {"connected": true, "storageLost": true}})").warnings;
  ASSERT_EQ(lost.size(), 1);
  EXPECT_TRUE(lost[0].starts_with("Redis came back without the cluster's state"));
  auto away =
      report_of(R"({"redis": {"connected": false, "awaySeconds": 12.3, "lastError": "refused"}})")
          .warnings;
  ASSERT_EQ(away.size(), 1);
  EXPECT_TRUE(away[0].starts_with("Redis is away for 12 s: refused: what runs goes on"));
}

TEST(AgentReport, TellsWhatAPersonMustMendInRedis) {
  auto report = report_of(R"({"phase": "waiting", "reason": "waits for Redis: WRONGPASS",
    "redis": {"connected": false, "awaySeconds": 3, "lastError": "WRONGPASS", "needsMending": true}})");
  EXPECT_EQ(report.store_problem, "WRONGPASS");
  EXPECT_TRUE(report.store_needs_mending);
  EXPECT_TRUE(report.warnings.empty()) << "it is a trouble, and told as one";
  auto concerns = report_of(R"({"redis": {"connected": true, "lastError": "of yesterday",
    "concerns": [{"name": "EvictsKeys", "what": "it drops keys", "remedy": "do not"}]}})");
  EXPECT_EQ(concerns.warnings, std::vector<std::string>{"Redis: it drops keys; do not"});
  EXPECT_TRUE(concerns.store_problem.empty());
}

TEST(AgentReport, AsksOnlyARunningHeadThatHasAnAgent) {
  int port = 0;
  auto pod = [](std::string more) {
    return "kind: Pod\nmetadata: {name: demo-head-0, labels: {ray.io/node-type: head}}\n" + more;
  };
  EXPECT_EQ(head_with_agent(testing::observed(pod("status: {phase: Running}")), port), nullptr);
  std::string with_agent =
      "spec: {containers: [{livenessProbe: {httpGet: {path: /livez, port: 52370}}}]}\n";
  EXPECT_EQ(head_with_agent(testing::observed(pod(with_agent + "status: {phase: Pending}")), port),
            nullptr);
  auto running = testing::observed(pod(with_agent + "status: {phase: Running}"));
  ASSERT_NE(head_with_agent(running, port), nullptr);
  EXPECT_EQ(port, 52370);
}

TEST(AgentReport, FindsTheAgentBehindProbesThatAMeshHasRewritten) {
  int port = 0;
  auto meshed = testing::observed(
      "kind: Pod\nmetadata: {name: demo-head-0, labels: {ray.io/node-type: head}}\nspec: "
      "{containers: "
      "[{livenessProbe: {httpGet: {path: /app-health/ray-head/livez, port: 15020}}, ports: [{name: "
      "client, containerPort: 10001}, {name: raykeep, containerPort: 52370}]}]}\nstatus: {phase: "
      "Running}");
  ASSERT_NE(head_with_agent(meshed, port), nullptr);
  EXPECT_EQ(port, 52370);
}

}  // namespace
}  // namespace raykeep::control
