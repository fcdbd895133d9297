#include "plan/redis_road.h"

#include <gtest/gtest.h>

#include "plan/generation.h"
#include "plan/plan.h"
#include "spec/testing.h"

namespace raykeep::plan {
namespace {

using spec::kSmallCluster;
using spec::kSmallSite;
using spec::with;

constexpr std::string_view kVersion = "  rayVersion: \"2.52.0\"\n";
constexpr std::string_view kParams = "      dashboard-host: \"0.0.0.0\"\n";
constexpr std::string_view kImage = "          image: rayproject/ray:2.52.0\n";

Plan planned(const std::string& cluster, const std::string& redis,
             const std::string& generation = "") {
  auto parsed = spec::parse_cluster(cluster);
  EXPECT_FALSE(has_errors(parsed.findings)) << spec::lines(parsed.findings);
  std::string text(kSmallSite);
  if (!redis.empty()) text += "  redis: {" + redis + "}\n";
  auto site = spec::parse_site_text(text);
  EXPECT_FALSE(has_errors(site.findings)) << spec::lines(site.findings);
  return plan(*parsed.cluster, *site.site, {.ns = "ray", .generation = generation, .token = ""});
}

std::string everything(const Plan& plan) {
  std::string text;
  for (const doc::Value& object : plan.objects) text += doc::write_yaml(object);
  return text;
}

std::string legacy(const std::string& variables) {
  return with(
      with(kSmallCluster, "  name: demo\n", "  annotations: {ray.io/ft-enabled: \"true\"}\n"),
      kImage, "          env: [" + variables + "]\n");
}

TEST(RedisRoad, PutsAPasswordIntoNoObject) {
  const std::string documents[] = {
      with(kSmallCluster, kVersion,
           "  gcsFaultToleranceOptions: {redisAddress: redis, redisPassword: {value: geheim}}\n"),
      legacy("{name: RAY_REDIS_ADDRESS, value: redis}, {name: REDIS_PASSWORD, value: geheim}"),
      with(legacy("{name: RAY_REDIS_ADDRESS, value: redis}"), kParams,
           "      redis-password: geheim\n"),
  };
  for (const std::string& document : documents) {
    Plan made = planned(document, "");
    EXPECT_FALSE(everything(made).contains("geheim")) << everything(made);
    ASSERT_EQ(made.secrets.size(), 1u);
    EXPECT_EQ(made.secrets[0].name, "demo-gcs-redis");
    EXPECT_EQ(made.secrets[0].password.reveal(), "geheim");
  }
}

TEST(RedisRoad, TellsRayNothingButLoopback) {
  Plan made = planned(
      with(legacy("{name: RAY_REDIS_ADDRESS, value: \"redis:6379\"}, {name: REDIS_PASSWORD, "
                  "valueFrom: {secretKeyRef: {name: r, key: p}}}"),
           kParams, "      redis-password: $REDIS_PASSWORD\n"),
      "");
  std::string text = everything(made);
  EXPECT_TRUE(text.contains("value: \"127.0.0.1:6399\""));
  EXPECT_FALSE(text.contains("--redis-password"));
  // Once in the stored document; the pods have no such variable.
  std::size_t first = text.find("name: REDIS_PASSWORD");
  EXPECT_EQ(text.find("name: REDIS_PASSWORD", first + 1), std::string::npos);
}

TEST(RedisRoad, IsTheSameForTheStoredDocument) {
  Plan first = planned(
      with(kSmallCluster, kVersion,
           "  gcsFaultToleranceOptions: {redisAddress: redis, redisPassword: {value: geheim}}\n"),
      "");
  const std::string stored(doc::find_string(first.objects[0], {"data", "document.yaml"}));
  Plan again = planned(stored, "");
  EXPECT_EQ(everything(again), everything(first));
  ASSERT_EQ(again.secrets.size(), 1u);
  EXPECT_TRUE(again.secrets[0].password.empty());
}

TEST(RedisRoad, KeepsEveryGenerationApart) {
  Plan made = planned(std::string(kSmallCluster), "managed: {}");
  EXPECT_EQ(made.storage_namespace, "ray.demo." + std::string(generation_placeholder));
  Plan given = planned(std::string(kSmallCluster), "managed: {}", "static");
  EXPECT_EQ(given.storage_namespace, "ray.demo.static");
  EXPECT_FALSE(everything(given).contains("@raykeep.io"));
  EXPECT_EQ(doc::find_string(given.objects[0], {"metadata", "annotations", generation_annotation}),
            "static");
  // Filling the one gives the other, but for what the owner says of itself.
  Plan filled = made;
  for (doc::Value& object : filled.objects) object = in_generation(object, "static");
  filled.objects[0] = given.objects[0];
  EXPECT_EQ(everything(filled).size(), everything(given).size());
}

TEST(RedisRoad, UsesTheDocumentsOwnCertificates) {
  Plan made = planned(legacy("{name: RAY_REDIS_ADDRESS, value: \"rediss://redis:6379\"}, {name: "
                             "RAY_REDIS_CA_CERT, value: /certs/ca.crt}"),
                      "addresses: [redis], tls: {caSecret: {name: ca}}");
  std::string text = everything(made);
  EXPECT_TRUE(text.contains("\"caFile\": \"/certs/ca.crt\"")) << text;
}

TEST(RedisRoad, GivesABlockingCommandWhatKubeRayGives) {
  std::string cluster =
      legacy("{name: RAY_REDIS_ADDRESS, value: \"redis:6379\"}, {name: WORD, value: geheim}");
  cluster = with(cluster, kParams, "      redis-password: $WORD\n");
  cluster =
      with(cluster, kImage,
           "          command: [/bin/sh, -c, ray start --head --block" + spec::kPorts + "]\n");
  std::string text = everything(planned(cluster, ""));
  EXPECT_TRUE(text.contains("name: RAY_REDIS_ADDRESS\n          value: redis:6379\n"));
  EXPECT_TRUE(
      text.contains("name: WORD\n          valueFrom:\n            secretKeyRef:\n"
                    "              name: demo-gcs-redis"));
  EXPECT_FALSE(text.contains("geheim"));
}

}  // namespace
}  // namespace raykeep::plan
