#include "preflight/limit_range.h"

#include <gtest/gtest.h>

#include "preflight/testing.h"

namespace raykeep::preflight {
namespace {

using namespace testing;

std::string judged(std::string_view item) {
  doc::Value range = object("metadata: {name: limits, namespace: bank}\nspec: {limits: [" +
                            std::string(item) + "]}\n");
  std::string out;
  for (const Obstacle& each : judge_limit_ranges({range}, plan_of(spec::kSmallCluster)))
    out += each.about + "\n";
  return out;
}

TEST(LimitRange, NamesEveryContainerOutsideOfIt) {
  EXPECT_EQ(judged("{type: Container, max: {memory: 1Gi}}"),
            "LimitRange limits: StatefulSet demo-head, container ray-head: max memory\n"
            "LimitRange limits: Deployment demo-worker-small, container ray-worker: max memory\n");
  EXPECT_EQ(judged("{type: Container, max: {memory: 4Gi}}"), "");
}

TEST(LimitRange, NamesOursToo) {
  EXPECT_TRUE(judged("{type: Container, min: {memory: 1Gi}}").contains("container raykeep"))
      << judged("{type: Container, min: {memory: 1Gi}}");
}

TEST(LimitRange, BoundsTheRatioOfLimitToRequest) {
  // The head has 1 CPU for 500m; the workers and our init container as much as they ask for.
  EXPECT_EQ(judged("{type: Container, maxLimitRequestRatio: {cpu: 2}}"), "");
  EXPECT_EQ(judged("{type: Container, maxLimitRequestRatio: {cpu: 1500m}}"),
            "LimitRange limits: StatefulSet demo-head, container ray-head: maxLimitRequestRatio "
            "cpu\n");
}

TEST(LimitRange, CountsAPodAsAWhole) {
  EXPECT_EQ(judged("{type: Pod, max: {memory: 3Gi}}"),
            "LimitRange limits: StatefulSet demo-head, a pod: max memory\n");
}

TEST(LimitRange, AllowsWhatIsModest) {
  auto ranges = objects(
      "spec: {limits: [{type: Container, min: {cpu: 100m, memory: 128Mi}}, "
      "{type: PersistentVolumeClaim, min: {storage: 1Gi}}]}");
  EXPECT_EQ(
      doc::write_json(modest_resources(ranges)),
      R"({"requests":{"cpu":"100m","memory":"128Mi"},"limits":{"cpu":"100m","memory":"128Mi"}})");
}

}  // namespace
}  // namespace raykeep::preflight
