#include "control/status.h"

#include <gtest/gtest.h>

#include "control/testing.h"

namespace raykeep::control {
namespace {

using testing::observed;

constexpr std::string_view owner = R"(
kind: ConfigMap
metadata: {name: raykeep-raycluster-demo, creationTimestamp: "2026-01-01T00:00:00Z"}
data: {document.yaml: "spec: {rayVersion: 2.60.0}"}
)";

std::string head(std::string status, int replicas = 1) {
  return "---\nkind: StatefulSet\nmetadata: {name: demo-head, uid: s, generation: 2, labels: "
         "{ray.io/node-type: head}}\nspec: {replicas: " +
         std::to_string(replicas) +
         ", selector: {matchLabels: {ray.io/node-type: head}}}\nstatus: " + status + "\n";
}

std::string workers(std::string status) {
  return "---\nkind: Deployment\nmetadata: {name: demo-worker-a, uid: d, generation: 1, labels: "
         "{ray.io/node-type: worker, ray.io/group: a}}\n"
         "spec: {replicas: 2, selector: {matchLabels: {ray.io/group: a}}}\nstatus: " +
         status + "\n";
}

constexpr const char* good_head =
    "{observedGeneration: 2, replicas: 1, updatedReplicas: 1, readyReplicas: 1}";
constexpr const char* good_workers =
    "{observedGeneration: 1, replicas: 2, updatedReplicas: 2, readyReplicas: 2, availableReplicas: "
    "2}";

std::string pod(std::string name, std::string type, std::string more,
                std::string start = "2026-01-01T00:01:00Z") {
  return "---\nkind: Pod\nmetadata: {name: " + name + ", uid: " + name +
         ", labels: {ray.io/node-type: " + type +
         "}}\nspec: {nodeName: n1, containers: [{name: ray, image: i}]}\n"
         "status: {startTime: '" +
         start +
         "', conditions: [{type: Ready, status: 'True'}], containerStatuses: [{name: ray, ready: "
         "true, " +
         more + "}]}\n";
}

TEST(Status, IsReadyWhenEveryGroupIsRolledOut) {
  ClusterStatus status =
      status_of(observed(std::string(owner) + workers(good_workers) + head(good_head)));
  EXPECT_EQ(status.state, State::ready);
  EXPECT_EQ(status.ray_version, "2.60.0");
  ASSERT_EQ(status.groups.size(), 2u);
  EXPECT_EQ(status.groups[0].name, "head");
  EXPECT_EQ(status.groups[1].name, "a");
  EXPECT_EQ(progress_of(status.groups[1]), "2/2 ready");
}

TEST(Status, IsNotReadyBeforeTheRolloutIsDone) {
  const char* heads[] = {
      "{observedGeneration: 1, replicas: 1, updatedReplicas: 1, readyReplicas: 1}",  // the
                                                                                     // controller
                                                                                     // has not
                                                                                     // looked yet
      "{observedGeneration: 2, replicas: 1, updatedReplicas: 0, readyReplicas: 1}",  // the old pod
                                                                                     // still runs
      "{observedGeneration: 2, replicas: 1, updatedReplicas: 1}",                    // not ready
  };
  for (const char* each : heads)
    EXPECT_EQ(status_of(observed(std::string(owner) + head(each))).state, State::starting) << each;
  const char* surplus =
      "{observedGeneration: 1, replicas: 3, updatedReplicas: 2, readyReplicas: 3, "
      "availableReplicas: 3}";
  EXPECT_FALSE(is_settled(status_of(observed(head(good_head) + workers(surplus)))));
}

TEST(Status, IsSuspendedWhenNoPodIsWantedAndNoneIsThere) {
  EXPECT_EQ(
      status_of(observed(std::string(owner) + head("{observedGeneration: 2, replicas: 0}", 0)))
          .state,
      State::suspended);
}

TEST(Status, IsRemovingWhileTheOwnerGoes) {
  EXPECT_EQ(status_of(observed("kind: ConfigMap\nmetadata: {name: raykeep-raycluster-demo, "
                               "deletionTimestamp: '2026-01-01T00:00:00Z'}\n"))
                .state,
            State::removing);
}

TEST(Status, IsRemovingWhileItsWorkloadsGo) {
  EXPECT_EQ(status_of(observed("kind: StatefulSet\nmetadata: {name: demo-head, uid: s, "
                               "deletionTimestamp: '2026-01-01T00:00:00Z'}\nspec: {}\n"))
                .state,
            State::removing);
}

TEST(Status, IsNeverReadyWithoutAHead) {
  EXPECT_FALSE(is_settled(status_of(observed(workers(good_workers)))));
}

TEST(Status, WarnsWhenAHeadWithoutStorageBeganAfterItsWorkers) {
  std::string late_head =
      pod("demo-head-0", "head",
          "restartCount: 1, state: {running: {startedAt: '2026-01-01T00:09:00Z'}}");
  std::string worker = pod("w", "worker", "restartCount: 0", "2026-01-01T00:01:00Z");
  ClusterStatus status =
      status_of(observed(std::string(owner) + head(good_head) + late_head + worker));
  ASSERT_EQ(status.warnings.size(), 1u);
  EXPECT_NE(status.warnings[0].find("60s ago"), std::string::npos) << status.warnings[0];
}

TEST(Status, DoesNotWarnOfAFreshClusterOrAHeadThatKeepsItsState) {
  std::string head_pod =
      pod("demo-head-0", "head",
          "restartCount: 0, state: {running: {startedAt: '2026-01-01T00:01:10Z'}}");
  EXPECT_TRUE(
      status_of(observed(head_pod + pod("w", "worker", "restartCount: 0"))).warnings.empty());
  std::string kept = pod("demo-head-0", "head",
                         "restartCount: 4, state: {running: {startedAt: '2026-01-01T00:09:00Z'}}");
  kept.replace(kept.find("image: i"), 8, "image: i, env: [{name: RAY_REDIS_ADDRESS, value: x}]");
  EXPECT_TRUE(status_of(observed(kept + pod("w", "worker", "restartCount: 0"))).warnings.empty());
}

TEST(Status, SaysWhereAGroupIsOnItsWay) {
  ClusterStatus status = status_of(observed(head("{observedGeneration: 2}") + R"(
---
kind: Pod
metadata: {name: demo-head-0, uid: p, creationTimestamp: "2026-01-01T00:09:48Z", labels: {ray.io/node-type: head}}
spec: {nodeName: n1}
status: {phase: Pending, containerStatuses: [{name: ray, state: {waiting: {reason: ContainerCreating}}}]}
---
kind: Event
involvedObject: {uid: p}
reason: Pulling
message: Pulling image "i"
)"));
  EXPECT_EQ(progress_of(status.groups[0]), "pulling image (12s)");
}

TEST(Status, CallsAManagedRedisByItsName) {
  ClusterStatus status = status_of(observed(
      std::string(owner) + head(good_head) +
      "---\nkind: StatefulSet\nmetadata: {name: demo-redis, uid: r, generation: 1, labels: "
      "{ray.io/node-type: redis}}\nspec: {replicas: 1, selector: {matchLabels: {ray.io/node-type: "
      "redis}}}\nstatus: {observedGeneration: 1, replicas: 1, updatedReplicas: 1, readyReplicas: "
      "0}\n"));
  ASSERT_EQ(status.groups.size(), 2u);
  EXPECT_EQ(status.groups[0].name, "head");
  EXPECT_EQ(status.groups[1].name, "redis");
  EXPECT_FALSE(is_settled(status));
}

TEST(Status, TellsWhatTheControllerSaysOfThisDocument) {
  auto with = [](const std::string& fingerprint) {
    Observed seen = observed(std::string(owner) + head(good_head));
    seen.objects[0].as_object()["data"].as_object()["status.json"] = status_text(
        {{"FailoverReady", decide::Condition::Status::no, "NoStorage", "kept in memory"}},
        fingerprint.empty() ? stored_fingerprint(seen.objects[0]) : fingerprint, "", seen.at);
    return status_of(seen);
  };
  ClusterStatus status = with("");
  ASSERT_EQ(status.conditions.size(), 1u);
  EXPECT_EQ(status.conditions[0].reason, "NoStorage");
  ASSERT_EQ(status.warnings.size(), 1u);
  EXPECT_EQ(status.warnings[0], "a head on a lost node will not be replaced: kept in memory");
  EXPECT_TRUE(with("an earlier document's").conditions.empty());
}

TEST(Status, SaysThatDownHasBegun) {
  Observed seen = observed(std::string(owner) + head(good_head));
  EXPECT_TRUE(status_of(seen).warnings.empty());
  seen.objects[0].as_object()["metadata"].as_object()["annotations"] =
      doc::Object{{"raykeep.io/removing", "true"}};
  ClusterStatus status = status_of(seen);
  ASSERT_EQ(status.warnings.size(), 1u);
  EXPECT_TRUE(status.warnings[0].starts_with("raykeep down has begun")) << status.warnings[0];
}

}  // namespace
}  // namespace raykeep::control
