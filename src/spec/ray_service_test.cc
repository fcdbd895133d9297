#include "spec/ray_service.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "base/text.h"
#include "spec/testing.h"

namespace raykeep::spec {
namespace {

/// A RayService around the small cluster: its lines from "rayVersion" on, indented.
std::string service_text(std::string_view more = {}) {
  std::string made =
      "apiVersion: ray.io/v1\nkind: RayService\nmetadata:\n  name: demo\nspec:\n"
      "  serveConfigV2: |\n    applications:\n    - import_path: app:build\n";
  made += more;
  made += "  rayClusterConfig:\n";
  const std::string_view cluster = kSmallCluster;
  for (std::string_view line : split(cluster.substr(cluster.find("  rayVersion")), '\n'))
    if (!line.empty()) made += fmt::format("  {}\n", line);
  return made;
}

ParsedRayService parse(const std::string& text) {
  return parse_ray_service(document(text, "service.yaml"));
}

const Finding* find(const Findings& findings, std::string_view code) {
  auto found = std::ranges::find(findings, code, &Finding::code);
  return found == findings.end() ? nullptr : &*found;
}

TEST(RayService, IsReadWithKubeRaysDefaults) {
  ParsedRayService parsed = parse(service_text());
  ASSERT_TRUE(parsed.service) << lines(parsed.findings);
  EXPECT_FALSE(has_errors(parsed.findings)) << lines(parsed.findings);
  const RayService& service = *parsed.service;
  EXPECT_EQ(service.name, "demo");
  EXPECT_EQ(service.upgrade, ServiceUpgrade::new_cluster);
  EXPECT_EQ(service.deletion_delay, std::chrono::seconds(60));
  EXPECT_EQ(service.max_surge_percent, 100);
  EXPECT_TRUE(service.cluster.serves_without_head);
  EXPECT_EQ(service.serve_config, "applications:\n- import_path: app:build\n");
  EXPECT_EQ(service.cluster.name, "demo");
  EXPECT_EQ(service.cluster.service, "demo");
  EXPECT_EQ(service.cluster.workers.at(0).replicas, 2);
}

TEST(RayService, ItsClustersDifferInTheirNameAlone) {
  ParsedRayService parsed = parse(service_text("  excludeHeadPodFromServeSvc: true\n"));
  ASSERT_TRUE(parsed.service);
  const RayCluster one = cluster_named(*parsed.service, "demo-12345");
  EXPECT_EQ(one.name, "demo-12345");
  EXPECT_EQ(one.service, "demo");
  EXPECT_TRUE(one.serves_without_head);
  EXPECT_EQ(one.head.pod_template, parsed.service->cluster.head.pod_template);
  EXPECT_EQ(one.labels.at(std::string(origin_name_label)), "demo");
}

TEST(RayService, StepsTimesAndSuspension) {
  ParsedRayService parsed = parse(replaced(
      service_text("  suspend: true\n  rayClusterDeletionDelaySeconds: 5\n  upgradeStrategy:\n"
                   "    type: NewClusterWithIncrementalUpgrade\n    clusterUpgradeOptions: "
                   "{maxSurgePercent: 30, intervalSeconds: 4}\n"),
      "  name: demo\n", "  name: demo\n  annotations: {ray.io/initializing-timeout: 90s}\n"));
  ASSERT_TRUE(parsed.service) << lines(parsed.findings);
  EXPECT_FALSE(has_errors(parsed.findings)) << lines(parsed.findings);
  EXPECT_EQ(parsed.service->upgrade, ServiceUpgrade::incremental);
  EXPECT_EQ(parsed.service->max_surge_percent, 30);
  EXPECT_EQ(parsed.service->step_interval, std::chrono::seconds(4));
  EXPECT_EQ(parsed.service->deletion_delay, std::chrono::seconds(5));
  EXPECT_EQ(parsed.service->patience, std::chrono::seconds(90));
  EXPECT_TRUE(parsed.service->suspend);
  EXPECT_TRUE(cluster_named(*parsed.service, "demo-1").suspend);
}

TEST(RayService, FindingsOfTheClusterStandWhereTheUserWroteIt) {
  const std::string text =
      replaced(service_text(), "          - name: ray-worker\n", "          - nam: ray-worker\n");
  ParsedRayService parsed = parse(text);
  const Finding* unknown = find(parsed.findings, "RK2001");
  ASSERT_NE(unknown, nullptr) << lines(parsed.findings);
  EXPECT_TRUE(unknown->path.starts_with("spec.rayClusterConfig.workerGroupSpecs[0]"))
      << unknown->path;
  const std::size_t at = text.find("nam: ray-worker");
  EXPECT_EQ(unknown->place.line, 1 + std::ranges::count(text.substr(0, at), '\n'));
  // Said once, though both the service and its cluster are looked at.
  EXPECT_EQ(std::ranges::count(parsed.findings, "RK2001", &Finding::code), 1);
}

TEST(RayService, AStoredDocumentHoldsNoPassword) {
  ParsedRayService parsed = parse(replaced(
      service_text(), "    rayVersion: \"2.52.0\"\n",
      "    rayVersion: \"2.52.0\"\n    gcsFaultToleranceOptions:\n      redisAddress: redis:6379\n"
      "      redisPassword: {value: hunter2}\n"));
  ASSERT_TRUE(parsed.service) << lines(parsed.findings);
  const std::string stored = doc::write_json(parsed.service->document);
  EXPECT_EQ(stored.find("hunter2"), std::string::npos) << stored;
  EXPECT_EQ(parsed.service->cluster.fault_tolerance.password.literal.reveal(), "hunter2");
  const RayCluster one = cluster_named(*parsed.service, "demo-12345");
  ASSERT_TRUE(one.fault_tolerance.password.from);
  EXPECT_EQ(one.fault_tolerance.password.from->name, document_redis_secret("demo"));
}

struct Bad {
  const char* from;  // a part of the text
  const char* to;
  const char* code;
};

class BadRayService : public testing::TestWithParam<Bad> {};

TEST_P(BadRayService, IsRefused) {
  const Bad& bad = GetParam();
  ParsedRayService parsed = parse(replaced(service_text(), bad.from, bad.to));
  const Finding* found = find(parsed.findings, bad.code);
  ASSERT_NE(found, nullptr) << lines(parsed.findings);
  EXPECT_EQ(found->severity, Severity::error);
  EXPECT_GT(found->place.line, 0);
}

INSTANTIATE_TEST_SUITE_P(
    Table, BadRayService,
    testing::Values(
        Bad{"  name: demo\n", "  name: a-name-of-exactly-forty-two-characters-abc\n", "RK2650"},
        Bad{"  name: demo\n", "  name: demo\n  annotations: {ray.io/initializing-timeout: soon}\n",
            "RK2651"},
        Bad{"  rayClusterConfig:\n",
            "  upgradeStrategy: {type: NewClusterWithIncrementalUpgrade, clusterUpgradeOptions: "
            "{maxSurgePercent: 0}}\n  rayClusterConfig:\n",
            "RK2652"},
        Bad{"    headGroupSpec:\n",
            "    headGroupSpec:\n      headService: {metadata: {name: mine}}\n", "RK2653"},
        Bad{"    headGroupSpec:\n",
            "    gcsFaultToleranceOptions: {redisAddress: redis:6379, externalStorageNamespace: "
            "x}\n"
            "    headGroupSpec:\n",
            "RK2655"},
        Bad{"    applications:\n", "    http_options: {port: 9000}\n    applications:\n", "RK2656"},
        Bad{"            - {name: dashboard, containerPort: 8265}\n",
            "            - {name: serve, containerPort: 9000}\n", "RK2656"},
        Bad{"    applications:\n",
            "    grpc_options: {grpc_servicer_functions: [a.add]}\n    applications:\n", "RK2656"},
        Bad{"  rayClusterConfig:\n", "  upgradeStrategy: {type: Sometimes}\n  rayClusterConfig:\n",
            "RK2004"},
        Bad{"    rayVersion: \"2.52.0\"\n",
            "    rayVersion: \"2.52.0\"\n    upgradeStrategy: {type: Recreate}\n", "RK2323"}));

}  // namespace
}  // namespace raykeep::spec
