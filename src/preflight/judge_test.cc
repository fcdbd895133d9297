#include "preflight/judge.h"

#include <gtest/gtest.h>

#include "preflight/testing.h"

namespace raykeep::preflight {
namespace {

using namespace testing;

/// A namespace in which all is well, and `plan` is not there yet.
Survey all_well(const plan::Plan& plan) {
  Survey seen;
  seen.ns = "bank";
  seen.ns_object = answer("metadata: {name: bank}");
  seen.version = answer("{major: '1', minor: '34', gitVersion: v1.34.4}");
  seen.policies = answer(
      "kind: NetworkPolicyList\nitems: [{spec: {podSelector: {}, policyTypes: [Ingress, "
      "Egress]}}]");
  for (kube::Said* list : {&seen.quotas, &seen.limit_ranges, &seen.pods})
    *list = answer("items: []");
  seen.may_run.assign(64, answer("status: {allowed: true}"));
  seen.may_look.assign(64, answer("status: {allowed: true}"));
  PlanSurvey one{
      .plan = &plan, .live = {}, .secrets = {}, .tried = {}, .references = {}, .referred = {}};
  one.live.assign(plan.objects.size(), refusal(404, "not found"));
  one.secrets.assign(1, refusal(404, "not found"));
  seen.plans.push_back(std::move(one));
  return seen;
}

std::string judged(const Survey& seen) { return told(judge(seen, spec::default_site())); }

TEST(Judge, SaysNothingWhereAllIsWell) {
  plan::Plan plan = plan_of(spec::kSmallCluster);
  EXPECT_EQ(judged(all_well(plan)), "");
}

TEST(Judge, LooksNoFurtherThanAMissingNamespace) {
  plan::Plan plan = plan_of(spec::kSmallCluster);
  Survey seen = all_well(plan);
  seen.ns_object = refusal(404, "not found");
  seen.may_run.clear();
  EXPECT_EQ(judged(seen), "RK6002 Namespace bank\n");
}

TEST(Judge, NamesWhatIsSomebodyElses) {
  plan::Plan plan = plan_of(spec::kSmallCluster);
  Survey seen = all_well(plan);
  seen.plans[0].live[0] = answer("{kind: ConfigMap, metadata: {name: raykeep-raycluster-demo}}");
  seen.plans[0].secrets[0] = answer("{kind: Secret, metadata: {name: demo}, data: {other: eA==}}");
  EXPECT_EQ(judged(seen), "RK6010 ConfigMap raykeep-raycluster-demo\nRK6010 Secret demo\n");
}

TEST(Judge, NamesATokenSecretOfOursWithoutItsKey) {
  plan::Plan plan = plan_of(spec::kSmallCluster);
  Survey seen = all_well(plan);
  seen.plans[0].secrets[0] = answer(
      "{kind: Secret, metadata: {name: demo, labels: {app.kubernetes.io/managed-by: raykeep, "
      "raykeep.io/cluster: demo}}, data: {}}");
  EXPECT_EQ(judged(seen), "RK6014 Secret demo, key auth_token\n");
}

TEST(Judge, TakesTheLimitRangesWordForIt) {
  plan::Plan plan = plan_of(spec::kSmallCluster);
  Survey seen = all_well(plan);
  seen.limit_ranges = answer(
      "kind: LimitRangeList\nitems: [{metadata: {name: l}, spec: {limits: [{type: Container, max: "
      "{memory: 3Gi}}]}}]");
  seen.plans[0].tried.push_back(
      {"pods of StatefulSet demo-head", object("kind: Pod"),
       refusal(403,
               "pods is forbidden: maximum memory usage per Container is 3Gi, but limit is 4Gi")});
  EXPECT_EQ(judged(seen),
            "RK6006 LimitRange l: StatefulSet demo-head, container ray-head: max memory\n");
}

TEST(Judge, TellsOfAPolicyOnceWithAllItsObjects) {
  plan::Plan plan = plan_of(spec::kSmallCluster);
  Survey seen = all_well(plan);
  const std::string said =
      "x is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: no";
  for (const char* name : {"Service a", "Service b"})
    seen.plans[0].tried.push_back({name, object("kind: Service"), refusal(422, said)});
  EXPECT_EQ(judged(seen), "RK6007 policy p: Service a, Service b\n");
}

TEST(Judge, CountsTheQuotaOverAllPlans) {
  plan::Plan plan = plan_of(spec::kSmallCluster);
  Survey seen = all_well(plan);
  seen.plans.push_back(seen.plans[0]);
  seen.quotas = answer(
      "kind: ResourceQuotaList\nitems: [{metadata: {name: q}, status: {hard: {pods: '5'}, used: "
      "{pods: "
      "'0'}}}]");
  EXPECT_EQ(judged(seen), "RK6005 ResourceQuota q: pods\n");
  seen.plans.pop_back();
  EXPECT_EQ(judged(seen), "");
}

}  // namespace
}  // namespace raykeep::preflight
