#include "plan/site_fit.h"

#include <gtest/gtest.h>

#include "plan/plan.h"
#include "spec/testing.h"

namespace raykeep::plan {
namespace {

using spec::kSmallCluster;
using spec::kSmallSite;
using spec::replaced;
using spec::with;

constexpr std::string_view kVersion = "  rayVersion: \"2.52.0\"\n";

/// The codes of the plan's findings: "RK4003 RK4006".
std::string codes(const std::string& cluster, const std::string& site) {
  auto parsed = spec::parse_cluster(cluster);
  EXPECT_FALSE(has_errors(parsed.findings)) << spec::lines(parsed.findings);
  auto place = spec::parse_site_text(site);
  EXPECT_FALSE(has_errors(place.findings)) << spec::lines(place.findings);
  return spec::codes_of(
      plan(*parsed.cluster, *place.site, {.ns = "ray", .generation = "", .token = ""}).findings);
}

std::string site_with(const std::string& more) {
  return std::string(kSmallSite) + "  images: {raykeep: bank/raykeep:1}\n" + more;
}

std::string cluster_with(const std::string& options) {
  return with(kSmallCluster, kVersion, "  gcsFaultToleranceOptions: {" + options + "}\n");
}

TEST(SiteFit, OfAPlainClusterIsSilent) {
  EXPECT_EQ(codes(std::string(kSmallCluster), site_with("")), "");
}

TEST(SiteFit, SaysWhereRaykeepsImageIsNobodys) {
  EXPECT_EQ(codes(std::string(kSmallCluster), std::string(kSmallSite)), "RK4012");
  EXPECT_EQ(codes(std::string(kSmallCluster),
                  std::string(kSmallSite) + "  images: {registry: registry.bank.example}\n"),
            "");
}

TEST(SiteFit, WantsARedisToBeKnown) {
  EXPECT_EQ(codes(cluster_with("redisAddress: \"\""), site_with("")), "RK4006");
  EXPECT_EQ(codes(cluster_with("redisAddress: \"\""), site_with("  redis: {managed: {}}\n")), "");
  EXPECT_EQ(
      codes(with(kSmallCluster, "  name: demo\n", "  annotations: {ray.io/ft-enabled: \"true\"}\n"),
            site_with("")),
      "RK4007");
}

TEST(SiteFit, WantsTheAgentForRaysOwnTls) {
  const std::string native =
      replaced(kSmallSite, "mode: none", "mode: native") + "  images: {raykeep: bank/raykeep:1}\n";
  EXPECT_EQ(codes(std::string(kSmallCluster), native), "");
  EXPECT_EQ(codes(with(kSmallCluster, "        - name: ray-head\n",
                       "          env: [{name: RAY_USE_TLS, value: \"1\"}]\n"),
                  native),
            "RK4015");
}

TEST(SiteFit, SaysWhatServesSwitchesOpen) {
  const std::string native =
      replaced(kSmallSite, "mode: none", "mode: native") + "  images: {raykeep: bank/raykeep:1}\n";
  auto switched = [](const std::string& variables) {
    return with(kSmallCluster, "        - name: ray-head\n",
                "          env: [" + variables + "]\n");
  };
  const std::string haproxy = switched("{name: RAY_SERVE_ENABLE_HA_PROXY, value: \"1\"}");
  EXPECT_EQ(codes(haproxy, site_with("")), "");
  EXPECT_EQ(codes(haproxy, native), "RK4016");
  const std::string optimized = "{name: RAY_SERVE_THROUGHPUT_OPTIMIZED, value: \"1\"}";
  EXPECT_EQ(codes(switched(optimized), site_with("")), "RK4017");
  EXPECT_EQ(codes(switched(optimized + ", {name: RAY_SERVE_USE_GRPC_BY_DEFAULT, value: \"0\"}"),
                  site_with("")),
            "");
}

TEST(SiteFit, WantsToKnowWhoTheRedisIs) {
  EXPECT_EQ(codes(cluster_with("redisAddress: \"redis.bank.example:6379\""), site_with("")),
            "RK4008");
  EXPECT_EQ(codes(cluster_with("redisAddress: \"redis:6379\""), site_with("")), "RK4009");
  EXPECT_EQ(codes(cluster_with("redisAddress: \"10.0.0.1:6379\""), site_with("")), "");
}

TEST(SiteFit, KeepsThePortOfTheRoadToRedisFree) {
  std::string cluster = with(kSmallCluster, "      dashboard-host: \"0.0.0.0\"\n",
                             "      min-worker-port: \"6390\"\n      max-worker-port: \"6490\"\n");
  EXPECT_EQ(codes(cluster, site_with("  redis: {managed: {}}\n")), "RK4010");
  EXPECT_EQ(codes(cluster, site_with("")), "");
  cluster = with(kSmallCluster, "      dashboard-host: \"0.0.0.0\"\n",
                 "      metrics-export-port: \"6399\"\n");
  EXPECT_EQ(codes(cluster, site_with("  redis: {managed: {}}\n")), "RK4010");
}

TEST(SiteFit, KeepsThePortsOfTheAgentsTlsFree) {
  const std::string native =
      replaced(kSmallSite, "mode: none", "mode: native") + "  images: {raykeep: bank/raykeep:1}\n";
  const std::string plain = replaced(kSmallSite, "mode: none", "mode: native\n    http: false") +
                            "  images: {raykeep: bank/raykeep:1}\n";
  const std::string cluster = with(kSmallCluster, "      dashboard-host: \"0.0.0.0\"\n",
                                   "      metrics-export-port: \"52381\"\n");
  EXPECT_EQ(codes(cluster, native), "RK4010");
  EXPECT_EQ(codes(cluster, plain), "");
}

TEST(SiteFit, LeavesRoomForTheLabelsOfAManagedRedis) {
  auto named = [](std::size_t size) {
    return replaced(kSmallCluster, "name: demo", "name: " + std::string(size, 'a'));
  };
  EXPECT_EQ(codes(named(46), site_with("  redis: {managed: {}}\n")), "");
  EXPECT_EQ(codes(named(47), site_with("  redis: {managed: {}}\n")), "RK4011");
  EXPECT_EQ(codes(named(47), site_with("")), "");
}

TEST(SiteFit, SaysWhatARedisWithoutTheAgentIs) {
  std::string cluster =
      with(cluster_with("redisAddress: \"10.0.0.1:1\""), "          image: rayproject/ray:2.52.0\n",
           "          command: [/bin/sh, -c, ray start --head --block" + spec::kPorts + "]\n");
  EXPECT_EQ(codes(cluster, site_with("")), "RK4013");
}

}  // namespace
}  // namespace raykeep::plan
