#include "preflight/admission.h"

#include <gtest/gtest.h>

#include "preflight/testing.h"

namespace raykeep::preflight {
namespace {

using namespace testing;

std::string judged(int code, std::string message) {
  return told(judge_dry_run("pods of x", "bank", refusal(code, std::move(message))));
}

TEST(DryRun, ThatIsAdmittedIsNoObstacle) {
  EXPECT_TRUE(judge_dry_run("Service x", "bank", answer("kind: Service")).empty());
}

TEST(DryRun, LeavesRightsToThoseWhoAskForThem) {
  EXPECT_EQ(judged(403,
                   "services \"x\" is forbidden: User \"u\" cannot patch resource "
                   "\"services\" in API group \"\" in the namespace \"bank\""),
            "");
}

TEST(DryRun, TellsRefusalsApart) {
  struct Case {
    int code;
    const char* message;
    const char* told;
  };
  for (const Case& each : std::vector<Case>{
           {403,
            "pods \"p\" is forbidden: violates PodSecurity \"restricted:latest\": "
            "allowPrivilegeEscalation != false (container \"a\" must ...)",
            "RK6003 pods of x\n"},
           {403,
            "pods \"p\" is forbidden: exceeded quota: q, requested: limits.memory=5Gi,pods=1, "
            "used: limits.memory=1Gi,pods=3, limited: limits.memory=4Gi,pods=3",
            "RK6005 ResourceQuota q: limits.memory\nRK6005 ResourceQuota q: pods\n"},
           {403, "pods \"p\" is forbidden: failed quota: q: must specify limits.cpu for: a",
            "RK6005 ResourceQuota q: pods of x\n"},
           {403,
            "pods \"p\" is forbidden: maximum memory usage per Container is 4Gi, but limit is 5Gi",
            "RK6006 pods of x\n"},
           {400,
            "admission webhook \"validation.gatekeeper.sh\" denied the request: [a] no\n[b] nor",
            "RK6007 policy a: pods of x\nRK6007 policy b: pods of x\n"},
           {422,
            "pods \"p\" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied "
            "request: no",
            "RK6007 policy p: pods of x\n"},
           {500,
            "Internal error occurred: failed calling webhook \"w.bank.example\": failed to call "
            "webhook: service \"w\" not found",
            "RK6008 webhook w.bank.example\n"},
           {403,
            "pods \"p\" is forbidden: unable to validate against any security context constraint",
            "RK6009 pods of x\n"},
           {403,
            "pods \"p\" is forbidden: error looking up service account bank/runner: serviceaccount "
            "\"runner\" not found",
            "RK6011 ServiceAccount runner\n"},
           {403, "pods \"p\" is forbidden: no PriorityClass with name high was found",
            "RK6016 PriorityClass high\n"},
           {403, "pods \"p\" is forbidden: pod rejected: RuntimeClass \"gvisor\" not found",
            "RK6017 RuntimeClass gvisor\n"},
           {422, "Pod \"p\" is invalid: spec.x: Required value", "RK6019 pods of x\n"},
           {0, "connection refused", "RK6034 pods of x\n"}}) {
    EXPECT_EQ(judged(each.code, each.message), each.told) << each.message;
  }
}

TEST(DryRun, GoesOnWithoutWhatIsRefused) {
  doc::Value pod = object(R"(
spec:
  serviceAccountName: runner
  priorityClassName: high
  containers: [{name: a, resources: {limits: {memory: 5Gi}}}]
)");
  doc::Value modest = object("limits: {memory: 64Mi}");
  auto rest = without_what_is_refused(pod, "no PriorityClass with name high was found", modest);
  ASSERT_TRUE(rest);
  EXPECT_EQ(doc::find(*rest, {"spec", "priorityClassName"}), nullptr);
  EXPECT_NE(doc::find(*rest, {"spec", "serviceAccountName"}), nullptr);
  EXPECT_FALSE(without_what_is_refused(*rest, "no PriorityClass with name high was found", modest))
      << "nothing is left to be taken out";
  auto small = without_what_is_refused(
      pod, "maximum memory usage per Container is 4Gi, but limit is 5Gi", modest);
  ASSERT_TRUE(small);
  EXPECT_TRUE(doc::write_json(*small).contains("64Mi"));
  EXPECT_FALSE(
      without_what_is_refused(pod, "admission webhook \"w\" denied the request: no", modest));
}

TEST(Injection, IsWhatWasNotSent) {
  doc::Value sent = object("spec: {containers: [{name: ray}]}");
  EXPECT_TRUE(judge_injection("pods of x", sent, sent).empty());
  Obstacles sidecar = judge_injection(
      "pods of x", sent, object("spec: {containers: [{name: ray}, {name: istio-proxy}]}"));
  ASSERT_EQ(sidecar.size(), 1u);
  EXPECT_EQ(sidecar[0].weight, Weight::notice);
  Obstacles init = judge_injection("pods of x", sent, object(R"(
spec:
  initContainers: [{name: istio-init, securityContext: {capabilities: {add: [NET_ADMIN, NET_RAW]}}}]
  containers: [{name: ray}]
)"));
  ASSERT_EQ(init.size(), 1u);
  EXPECT_EQ(init[0].weight, Weight::blocks);
}

}  // namespace
}  // namespace raykeep::preflight
