#include "spec/ray_cluster.h"

#include <gtest/gtest.h>

#include "spec/testing.h"

namespace raykeep::spec {
namespace {

RayCluster good(std::string_view yaml) {
  ParsedRayCluster parsed = parse_cluster(yaml);
  EXPECT_FALSE(has_errors(parsed.findings)) << lines(parsed.findings);
  return parsed.cluster.value_or(RayCluster{});
}

TEST(RayCluster, OfTheSampleHasNoFindings) {
  EXPECT_EQ(lines(parse_cluster(kSmallCluster).findings), "");
}

TEST(RayCluster, KeepsWhatThePlanNeeds) {
  RayCluster cluster = good(kSmallCluster);
  EXPECT_EQ(cluster.name, "demo");
  EXPECT_EQ(cluster.ray_version, "2.52.0");
  EXPECT_EQ(cluster.head.name, "headgroup");
  EXPECT_EQ(cluster.head.start_params, (StartParams{{"dashboard-host", "0.0.0.0"}}));
  EXPECT_EQ(cluster.head.pointer, "/spec/headGroupSpec");
  ASSERT_EQ(cluster.workers.size(), 1u);
  EXPECT_EQ(cluster.workers[0].name, "small");
  EXPECT_EQ(cluster.workers[0].pointer, "/spec/workerGroupSpecs/0");
  EXPECT_TRUE(cluster.workers[0].pod_template.contains("spec"));
}

TEST(RayCluster, FillsInWhatKubeRaysSchemaFillsIn) {
  WorkerGroup group =
      good(without(kSmallCluster, "    replicas: 2\n    minReplicas: 1\n    maxReplicas: 5\n"))
          .workers.at(0);
  EXPECT_EQ(group.replicas, 0);
  EXPECT_EQ(group.min_replicas, 0);
  EXPECT_EQ(group.max_replicas, 2147483647);
  EXPECT_EQ(group.num_of_hosts, 1);
  EXPECT_FALSE(group.suspend);
}

TEST(RayCluster, RaisesReplicasToTheMinimumAndSaysSoOnlyIfTheyWereWritten) {
  EXPECT_EQ(good(without(kSmallCluster, "    replicas: 2\n")).workers.at(0).replicas, 1);
  EXPECT_EQ(codes(replaced(kSmallCluster, "    replicas: 2\n", "    replicas: 0\n")), "RK2041");
  EXPECT_EQ(codes(replaced(kSmallCluster, "    replicas: 2\n", "    replicas: 9\n")), "RK2041");
}

TEST(RayCluster, TakesANullMapOfStartParamsForAnEmptyOne) {
  EXPECT_EQ(lines(parse_cluster(
                      replaced(kSmallCluster, "    rayStartParams: {}\n", "    rayStartParams:\n"))
                      .findings),
            "");
}

TEST(RayCluster, DropsNullsAndControllersMetadataFromTheTemplate) {
  RayCluster cluster =
      good(replaced(kSmallCluster, "      metadata: {}\n",
                    "      metadata:\n        creationTimestamp: null\n        generateName: x\n"
                    "        labels: {team: ml}\n"));
  EXPECT_EQ(doc::write_json(cluster.workers.at(0).pod_template.at("metadata")),
            R"({"labels":{"team":"ml"}})");
}

TEST(RayCluster, StoresTheDocumentWithoutWhatControllersWrote) {
  RayCluster cluster =
      good(replaced(kSmallCluster, "metadata:\n  name: demo\n",
                    "status: {state: ready}\nmetadata:\n  name: demo\n  uid: abc\n  generation: 3\n"
                    "  creationTimestamp: null\n"));
  EXPECT_FALSE(cluster.document.contains("status"));
  EXPECT_EQ(doc::write_json(cluster.document.at("metadata")), R"({"name":"demo"})");
}

TEST(RayCluster, OfAnotherKindSaysOnlyThat) {
  EXPECT_EQ(codes("apiVersion: v1\nkind: Pod\nwhatever: 1\n"), "RK2006");
  EXPECT_EQ(codes("- 1\n"), "RK2006");
}

TEST(RayCluster, OfV1alpha1IsReadWithANotice) {
  EXPECT_EQ(codes(replaced(kSmallCluster, "ray.io/v1", "ray.io/v1alpha1")), "RK2008");
}

TEST(RayCluster, SaysWhereTheMistakeIsAndWhatToWrite) {
  std::string broken = replaced(kSmallCluster, "    rayStartParams: {}\n",
                                "    rayStartParams:\n      num-cpus: 4\n");
  EXPECT_EQ(lines(parse_cluster(broken).findings),
            "cluster.yaml:27:17 RK2002 spec.workerGroupSpecs[0].rayStartParams.num-cpus: takes "
            "text, not 4; "
            "write \"4\"\n");
}

TEST(RayVersion, IsThreeNumbersWithASuffixCutOff) {
  EXPECT_EQ(parse_ray_version("2.60.0"), (RayVersion{2, 60, 0}));
  EXPECT_EQ(parse_ray_version("2.9.0rc1"), (RayVersion{2, 9, 0}));
  EXPECT_EQ(parse_ray_version("2.53.0.dev1"), (RayVersion{2, 53, 0}));
  for (const char* bad :
       {"", "2", "2.60", "nightly", "v2.60.0", "2.-1.0", "2..0", "2.60.x", "99999999999.0.0"}) {
    EXPECT_FALSE(parse_ray_version(bad)) << bad;
  }
}

}  // namespace
}  // namespace raykeep::spec
