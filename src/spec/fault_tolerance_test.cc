#include "spec/fault_tolerance.h"

#include <gtest/gtest.h>

#include "spec/testing.h"

namespace raykeep::spec {
namespace {

using Wish = FaultTolerance::Wish;

constexpr std::string_view kImage = "          image: rayproject/ray:2.52.0\n";
constexpr std::string_view kVersion = "  rayVersion: \"2.52.0\"\n";

/// The small cluster with lines below spec.
std::string with_options(const std::string& options) {
  return with(kSmallCluster, kVersion, "  gcsFaultToleranceOptions:\n" + options);
}

/// By the older annotations, with the head's variables.
std::string with_annotations(const std::string& annotations, const std::string& variables) {
  std::string text =
      with(kSmallCluster, "  name: demo\n", "  annotations: {" + annotations + "}\n");
  return with(text, kImage, "          env: [" + variables + "]\n");
}

std::string stored(const ParsedRayCluster& parsed) {
  return doc::write_json(doc::Value(parsed.cluster->document));
}

TEST(FaultTolerance, IsUnsaidUnlessWritten) {
  EXPECT_EQ(parse_cluster(kSmallCluster).cluster->fault_tolerance.wish, Wish::unsaid);
}

TEST(FaultTolerance, ReadsOptions) {
  ParsedRayCluster parsed = parse_cluster(
      with_options("    redisAddress: rediss://redis.data.svc:6380\n"
                   "    redisUsername: {value: ray}\n"
                   "    redisPassword: {valueFrom: {secretKeyRef: {name: redis, key: word}}}\n"
                   "    externalStorageNamespace: mine\n"));
  EXPECT_EQ(lines(parsed.findings), "");
  const FaultTolerance& wished = parsed.cluster->fault_tolerance;
  EXPECT_EQ(wished.wish, Wish::redis);
  EXPECT_EQ(wished.addresses, (std::vector<RedisAddress>{{"redis.data.svc", 6380, true}}));
  EXPECT_EQ(wished.user.literal.reveal(), "ray");
  EXPECT_EQ(wished.password.from, (KeyRef{"redis", "word", false}));
  EXPECT_EQ(wished.storage_namespace, "mine");
}

TEST(FaultTolerance, ReadsTheVolumeOfRocksDb) {
  std::string text = with_options(
      "    backend: rocksdb\n"
      "    storage: {size: 5Gi, storageClassName: fast, deletionPolicy: Retain, subPath: a}\n");
  text = replaced(text, "rayVersion: \"2.52.0\"", "rayVersion: \"2.57.0\"");
  ParsedRayCluster parsed = parse_cluster(text);
  EXPECT_FALSE(has_errors(parsed.findings)) << lines(parsed.findings);
  const GcsVolume& volume = parsed.cluster->fault_tolerance.volume;
  EXPECT_EQ(volume.size, "5Gi");
  EXPECT_EQ(volume.access_modes, std::vector<std::string>{"ReadWriteOnce"});
  EXPECT_TRUE(volume.retain);
}

TEST(FaultTolerance, ReadsTheOlderAnnotations) {
  ParsedRayCluster parsed = parse_cluster(with_annotations(
      "ray.io/ft-enabled: \"true\", ray.io/external-storage-namespace: mine, "
      "ray.io/gcs-ft-deletion-timeout: \"120\"",
      "{name: RAY_REDIS_ADDRESS, value: \"redis:6379\"}, {name: REDIS_PASSWORD, "
      "valueFrom: {secretKeyRef: {name: redis, key: p}}}, {name: RAY_REDIS_CA_CERT, "
      "value: /certs/ca.crt}"));
  EXPECT_EQ(codes_of(parsed.findings), "RK2312");
  const FaultTolerance& wished = parsed.cluster->fault_tolerance;
  EXPECT_EQ(wished.wish, Wish::redis);
  EXPECT_FALSE(wished.by_options);
  EXPECT_EQ(wished.addresses[0].text(), "redis:6379");
  EXPECT_EQ(wished.password.from, (KeyRef{"redis", "p", false}));
  EXPECT_EQ(wished.storage_namespace, "mine");
  EXPECT_EQ(wished.tls_files.ca, "/certs/ca.crt");
  EXPECT_EQ(wished.clean_up_seconds, 120);
}

TEST(FaultTolerance, FollowsTheVariableThatTheStartParameterNames) {
  std::string text = with_annotations("ray.io/ft-enabled: \"true\"",
                                      "{name: RAY_REDIS_ADDRESS, value: redis}, {name: SECRET, "
                                      "valueFrom: {secretKeyRef: {name: r, key: p}}}");
  text = with(text, "      dashboard-host: \"0.0.0.0\"\n", "      redis-password: $SECRET\n");
  ParsedRayCluster parsed = parse_cluster(text);
  EXPECT_EQ(parsed.cluster->fault_tolerance.password_variable, "SECRET");
  EXPECT_EQ(parsed.cluster->fault_tolerance.password.from, (KeyRef{"r", "p", false}));
}

TEST(FaultTolerance, CanBeSwitchedOff) {
  ParsedRayCluster parsed = parse_cluster(with_annotations("ray.io/ft-enabled: \"false\"", ""));
  EXPECT_EQ(parsed.cluster->fault_tolerance.wish, Wish::off);
}

TEST(FaultTolerance, NeverStoresOrShowsAPassword) {
  const std::string by_options =
      with_options("    redisAddress: redis:6379\n    redisPassword: {value: geheim}\n");
  const std::string by_variable = with_annotations(
      "ray.io/ft-enabled: \"true\"",
      "{name: RAY_REDIS_ADDRESS, value: redis}, {name: REDIS_PASSWORD, value: geheim}");
  const std::string by_parameter = with(
      with_annotations("ray.io/ft-enabled: \"true\"", "{name: RAY_REDIS_ADDRESS, value: redis}"),
      "      dashboard-host: \"0.0.0.0\"\n", "      redis-password: geheim\n");
  for (const std::string& text : {by_options, by_variable, by_parameter}) {
    ParsedRayCluster parsed = parse_cluster(text);
    EXPECT_FALSE(has_errors(parsed.findings)) << lines(parsed.findings);
    EXPECT_TRUE(codes_of(parsed.findings).contains("RK2305")) << lines(parsed.findings);
    EXPECT_EQ(parsed.cluster->fault_tolerance.password.literal.reveal(), "geheim");
    EXPECT_FALSE(stored(parsed).contains("geheim")) << stored(parsed);
    EXPECT_FALSE(lines(parsed.findings).contains("geheim")) << lines(parsed.findings);
    // What is stored is the same wish, with the Secret that up makes.
    ParsedRayCluster again = parse_cluster(stored(parsed));
    EXPECT_FALSE(has_errors(again.findings)) << lines(again.findings) << stored(parsed);
    EXPECT_EQ(again.cluster->fault_tolerance.password.from,
              (KeyRef{"demo-gcs-redis", "password", false}));
  }
}

TEST(FaultTolerance, LeavesAnApplicationsOwnVariableAlone) {
  std::string text =
      with(kSmallCluster, kImage, "          env: [{name: REDIS_PASSWORD, value: app}]\n");
  EXPECT_TRUE(stored(parse_cluster(text)).contains("app"));
}

TEST(FaultTolerance, DoesNotShowAPasswordOfTheWrongType) {
  for (const char* value : {"    redisPassword: geheim\n", "    redisPassword: [geheim]\n",
                            "    redisPassword: {value: [geheim]}\n"}) {
    ParsedRayCluster parsed = parse_cluster(with_options(value));
    EXPECT_TRUE(has_errors(parsed.findings));
    EXPECT_FALSE(lines(parsed.findings).contains("geheim")) << lines(parsed.findings);
  }
}

TEST(FaultTolerance, ReadsVariablesInStartParameters) {
  EXPECT_EQ(variable_in("$REDIS_PASSWORD"), "REDIS_PASSWORD");
  EXPECT_EQ(variable_in("\"${A_1}\""), "A_1");
  EXPECT_EQ(variable_in("$(B)"), "B");
  EXPECT_EQ(variable_in("$(cat /x)"), "");
  EXPECT_EQ(variable_in("word"), "");
}

TEST(FaultTolerance, SaysWhatIsWrong) {
  const std::pair<std::string, const char*> table[] = {
      {with_options("    redisAddress: $(REDIS):6379\n"), "RK2304"},
      {with_options(
           "    redisAddress: redis\n    redisPassword: {valueFrom: {fieldRef: {fieldPath: "
           "metadata.name}}}\n"),
       "RK2306"},
      {with_options("    redisAddress: redis\n    redisUsername: {value: a}\n"), "RK2306"},
      {with_options("    backend: rocksdb\n"), "RK2307"},
      {with_options("    redisAddress: redis\n    externalStorageNamespace: a@b\n"), "RK2309"},
      {with_annotations("ray.io/gcs-ft-deletion-timeout: soon", ""), "RK2313"},
      {with(with_annotations("ray.io/ft-enabled: \"true\"", ""),
            "      dashboard-host: \"0.0.0.0\"\n", "      redis-password: $NOWHERE\n"),
       "RK2306"},
      {with(with_annotations("ray.io/ft-enabled: \"true\"", ""),
            "      dashboard-host: \"0.0.0.0\"\n", "      redis-password: $(cat x)\n"),
       "RK2306"},
  };
  for (const auto& [text, expected] : table) EXPECT_EQ(codes(text), expected) << text;
}

}  // namespace
}  // namespace raykeep::spec
