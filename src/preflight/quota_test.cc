#include "preflight/quota.h"

#include <gtest/gtest.h>

#include "preflight/testing.h"

namespace raykeep::preflight {
namespace {

using namespace testing;

// The head asks for 500m and at most 1 CPU, 2Gi and at most 4Gi; two workers for 1 CPU, 2Gi each.
Usage small_usage() {
  plan::Plan plan = plan_of(spec::kSmallCluster);
  return use_of_plan(plan, std::vector<bool>(plan.objects.size(), false), 1);
}

std::string quota(std::string hard, std::string used, std::string scopes = "") {
  return "metadata: {name: q, namespace: bank}\nspec: {" + scopes + "}\nstatus: {hard: {" + hard +
         "}, used: {" + used + "}}\n";
}

std::string judged(std::string hard, std::string used, std::string scopes = "") {
  return told(judge_quotas({object(quota(hard, used, scopes))}, small_usage(), {}));
}

TEST(Quota, HasRoomUpToItsLastUnit) {
  EXPECT_EQ(judged("pods: '3', limits.memory: 8Gi", "pods: '0', limits.memory: '0'"), "");
  EXPECT_EQ(judged("pods: '3'", "pods: '1'"), "RK6005 ResourceQuota q: pods\n");
}

TEST(Quota, NamesEveryShortageAtOnce) {
  EXPECT_EQ(judged("pods: '2', limits.memory: 6Gi, requests.cpu: 2, services: '0'", "pods: '0'"),
            "RK6005 ResourceQuota q: pods\nRK6005 ResourceQuota q: limits.memory\n"
            "RK6005 ResourceQuota q: requests.cpu\nRK6005 ResourceQuota q: services\n");
}

TEST(Quota, KnowsTheOtherNamesOfAResource) {
  EXPECT_EQ(judged("cpu: 2, count/services: '0', count/deployments.apps: '0'", "cpu: '0'"),
            "RK6005 ResourceQuota q: cpu\nRK6005 ResourceQuota q: count/services\n"
            "RK6005 ResourceQuota q: count/deployments.apps\n");
}

TEST(Quota, SaysHowMuchIsEnough) {
  Obstacles found =
      judge_quotas({object(quota("limits.memory: 9Gi", "limits.memory: 3Gi"))}, small_usage(), {});
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].what,
            "the cluster needs 8Gi, and of 9Gi there are 3Gi in use by others: 2Gi too little");
  EXPECT_TRUE(found[0].send.contains("\"limits.memory\":\"11Gi\"")) << found[0].send;
}

TEST(Quota, DoesNotCountARunningCopyTwice) {
  Usage usage = small_usage();
  auto full = objects(quota("pods: '3'", "pods: '3'"));
  EXPECT_EQ(told(judge_quotas(full, usage, usage.pods)), "");
  EXPECT_EQ(told(judge_quotas(full, usage, {})), "RK6005 ResourceQuota q: pods\n");
}

TEST(Quota, APodThatHasEndedTakesNothing) {
  std::vector<doc::Value> pods = objects(
      "kind: Pod\nstatus: {phase: Running}\nspec: {containers: [{name: a}]}\n---\n"
      "kind: Pod\nstatus: {phase: Failed}\nspec: {containers: [{name: a}]}\n---\n"
      "kind: Service\n");
  EXPECT_EQ(uses_of(pods, [](const doc::Value&) { return true; }).size(), 1u);
  EXPECT_TRUE(uses_of(pods, [](const doc::Value&) { return false; }).empty());
}

TEST(Quota, CountsOnlyThePodsOfItsScopes) {
  EXPECT_EQ(judged("pods: '0'", "", "scopes: [BestEffort]"), "");
  EXPECT_EQ(judged("pods: '0'", "", "scopes: [Terminating]"), "");
  EXPECT_EQ(judged("pods: '0'", "", "scopes: [NotBestEffort, NotTerminating]"),
            "RK6005 ResourceQuota q: pods\n");
  EXPECT_EQ(judged("pods: '0'", "",
                   "scopeSelector: {matchExpressions: [{scopeName: PriorityClass, operator: In, "
                   "values: [high]}]}"),
            "");
  EXPECT_EQ(judged("pods: '0'", "",
                   "scopeSelector: {matchExpressions: [{scopeName: PriorityClass, operator: "
                   "DoesNotExist}]}"),
            "RK6005 ResourceQuota q: pods\n");
}

TEST(PodUse, IsTheLargerOfStartAndRun) {
  PodUse use = use_of_pod(object(R"(
initContainers:
- {name: big, resources: {requests: {memory: 5Gi}}}
- {name: sidecar, restartPolicy: Always, resources: {requests: {memory: 1Gi, cpu: 100m}}}
- {name: late, resources: {requests: {memory: 2Gi}}}
containers:
- {name: a, resources: {limits: {cpu: "2", memory: 1Gi, nvidia.com/gpu: 1}}}
)"));
  EXPECT_EQ(amount_text("requests.memory", use.amounts["requests.memory"]), "5Gi");
  EXPECT_EQ(amount_text("requests.cpu", use.amounts["requests.cpu"]), "2100m");
  EXPECT_EQ(amount_text("x", use.amounts["requests.nvidia.com/gpu"]), "1");
  EXPECT_FALSE(use.best_effort);
}

TEST(Usage, CountsNewObjectsAndStorageByItsClass) {
  plan::Plan plan;
  plan.objects = objects(R"(
{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: a}, spec: {storageClassName: fast, resources: {requests: {storage: 10Gi}}}}
---
{apiVersion: v1, kind: Service, metadata: {name: b}, spec: {type: LoadBalancer, ports: [{port: 1}, {port: 2}]}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: c}}
)");
  Amounts amounts = use_of_plan(plan, {false, false, true}, 2).objects;
  EXPECT_EQ(amount_text("storage", amounts["fast.storageclass.storage.k8s.io/requests.storage"]),
            "10Gi");
  EXPECT_EQ(amount_text("x", amounts["persistentvolumeclaims"]), "1");
  EXPECT_EQ(amount_text("x", amounts["services.nodeports"]), "2");
  EXPECT_EQ(amount_text("x", amounts["secrets"]), "2");
  EXPECT_FALSE(amounts.contains("configmaps"));
}

}  // namespace
}  // namespace raykeep::preflight
