#include "control/diagnose.h"

#include <gtest/gtest.h>

#include "control/testing.h"

namespace raykeep::control {
namespace {

using testing::observed;

constexpr std::string_view head_pod = R"(
apiVersion: v1
kind: Pod
metadata: {name: demo-head-0, uid: p1, creationTimestamp: "2026-01-01T00:09:50Z", labels: {ray.io/node-type: head, ray.io/group: headgroup}}
spec: {nodeName: n1, containers: [{name: ray-head, image: "lab/ray:1", resources: {limits: {memory: 2Gi}}}]}
)";

/// What is said of a head pod with that status (YAML in flow style), with logs of its only
/// container.
std::vector<Diagnosis> said_of(std::string status, std::string events = "", std::string log = "") {
  Observed seen = observed(std::string(head_pod) + "status: " + status + "\n" + events);
  if (!log.empty()) seen.logs["demo-head-0/ray-head"] = log;
  return diagnose(seen);
}

std::string waiting(std::string reason, std::string message) {
  return "{phase: Pending, containerStatuses: [{name: ray-head, ready: false, restartCount: 0, "
         "state: {waiting: {reason: " +
         reason + ", message: '" + message + "'}}}]}";
}

std::string event(std::string about, std::string reason, std::string message) {
  return "---\napiVersion: v1\nkind: Event\nmetadata: {name: e, uid: e1}\ninvolvedObject: {uid: " +
         about + "}\nreason: " + reason + "\nmessage: '" + message + "'\n";
}

TEST(Diagnose, SaysOfAWaitingContainerWhatHoldsIt) {
  struct Case {
    const char *reason, *message, *expected, *what, *next;
    bool hopeless;
  };
  const Case table[] = {
      {"InvalidImageName", "bad", "InvalidImageName", "makes no sense", "registry/name:tag", true},
      {"ErrImageNeverPull", "", "ImageNeverPull", "is not on node n1", "load the image", false},
      {"ErrImagePull", "rpc error: code = NotFound desc = lab/ray:1: not found", "ImagePull",
       "cannot be pulled", "check the name", false},
      {"ImagePullBackOff", "401 unauthorized", "ImagePull", "cannot be pulled", "imagePullSecrets",
       false},
      {"ImagePullBackOff", "dial tcp: i/o timeout", "ImagePull", "cannot be pulled", "mirror",
       false},
      {"ImagePullBackOff", "x509: unknown authority", "ImagePull", "cannot be pulled", "trust",
       false},
      {"CreateContainerConfigError", "secret \"x\" not found", "ContainerConfig", "not there",
       "create it", false},
      {"CreateContainerConfigError", "container has runAsNonRoot and image will run as root",
       "RunAsNonRoot", "as root", "runAsUser", true},
      {"CreateContainerError", "exec: no such file", "ContainerStart", "cannot be started",
       "check command", false},
  };
  for (const Case& each : table) {
    std::vector<Diagnosis> said = said_of(waiting(each.reason, each.message));
    ASSERT_EQ(said.size(), 1u) << each.reason;
    EXPECT_EQ(said[0].object, "Pod demo-head-0");
    EXPECT_EQ(said[0].reason, each.expected);
    EXPECT_NE(said[0].what.find(each.what), std::string::npos) << said[0].what;
    EXPECT_NE(said[0].next.find(each.next), std::string::npos) << said[0].next;
    EXPECT_EQ(said[0].hopeless, each.hopeless) << each.reason;
  }
}

TEST(Diagnose, TakesThePullsReasonFromTheEventWhenTheStatusOnlyBacksOff) {
  std::vector<Diagnosis> said =
      said_of(waiting("ImagePullBackOff", "Back-off pulling image"),
              event("p1", "Failed",
                    "Failed to pull image: rpc error: code = Unknown desc = manifest unknown"));
  ASSERT_EQ(said.size(), 1u);
  EXPECT_EQ(said[0].why, "manifest unknown");
}

TEST(Diagnose, SaysHowAContainerEndedAndItsLastWords) {
  std::string loops =
      "{phase: Running, containerStatuses: [{name: ray-head, ready: false, restartCount: 3, state: "
      "{waiting: {reason: CrashLoopBackOff}}, "
      "lastState: {terminated: {exitCode: 1, reason: Error}}}]}";
  std::vector<Diagnosis> said =
      said_of(loops, "", "starting\n\x1b[1mTraceback\x1b[22m\nValueError: no\n");
  ASSERT_EQ(said.size(), 1u);
  EXPECT_EQ(said[0].reason, "Crash");
  EXPECT_EQ(said[0].what, "container ray-head ended with exit code 1, 3 restarts so far");
  EXPECT_EQ(said[0].why, "starting | Traceback | ValueError: no");
}

TEST(Diagnose, KnowsOutOfMemoryFromAnyOtherKill) {
  auto ended = [](std::string how) {
    return "{phase: Running, containerStatuses: [{name: ray-head, ready: false, restartCount: 1, "
           "state: {terminated: " +
           how + "}}]}";
  };
  EXPECT_EQ(
      said_of(ended("{exitCode: 137, reason: OOMKilled}"))[0].what,
      "container ray-head used more memory than its limit of 2Gi and was killed, 1 restart so far");
  EXPECT_EQ(said_of(ended("{exitCode: 137, reason: Error}"))[0].what,
            "container ray-head was killed (signal 9), 1 restart so far");
  EXPECT_EQ(said_of(ended("{exitCode: 139}"))[0].what,
            "container ray-head ended with signal 11, 1 restart so far");
}

TEST(Diagnose, ExplainsWhyNoNodeTakesThePod) {
  std::vector<Diagnosis> said = said_of(
      "{phase: Pending, conditions: [{type: PodScheduled, status: 'False', reason: Unschedulable, "
      "message: '0/2 nodes are available: 2 Insufficient cpu. no new claims to deallocate, "
      "preemption: none.'}]}");
  ASSERT_EQ(said.size(), 1u);
  EXPECT_EQ(said[0].reason, "Unschedulable");
  EXPECT_EQ(said[0].why, "0/2 nodes are available: 2 Insufficient cpu");
  EXPECT_NE(said[0].next.find("lower the requests"), std::string::npos);
}

TEST(Diagnose, NamesTheVolumeThatCannotBeMounted) {
  std::vector<Diagnosis> said = said_of(
      waiting("ContainerCreating", ""),
      event("p1", "FailedMount",
            "MountVolume.SetUp failed for volume \"ray-token\" : secret \"demo\" not found"));
  ASSERT_EQ(said.size(), 1u);
  EXPECT_EQ(said[0].reason, "Mount");
  EXPECT_NE(said[0].next.find("raykeep up makes"), std::string::npos);
}

TEST(Diagnose, GivesAStartingHeadItsTime) {
  auto running = [](std::string since) {
    return "{phase: Running, containerStatuses: [{name: ray-head, ready: false, restartCount: 0, "
           "state: {running: {startedAt: '" +
           since + "'}}}]}";
  };
  EXPECT_TRUE(said_of(running("2026-01-01T00:09:00Z")).empty());
  std::vector<Diagnosis> said = said_of(
      running("2026-01-01T00:05:00Z"), event("p1", "Unhealthy", "Readiness probe failed: refused"));
  ASSERT_EQ(said.size(), 1u);
  EXPECT_EQ(said[0].what, "container ray-head runs and is not ready (5m)");
  EXPECT_EQ(said[0].why, "Readiness probe failed: refused");
  EXPECT_TRUE(lasting_text(said[0]).starts_with(
      "Pod demo-head-0: container ray-head runs and is not ready: Readiness"))
      << lasting_text(said[0]);
}

TEST(Diagnose, TellsWhatTheHeadsAgentSaysOfItsRedis) {
  auto said = [](std::string since, std::string_view agent) {
    Observed seen = observed(std::string(head_pod) +
                             "status: {phase: Running, containerStatuses: [{name: ray-head, ready: "
                             "false, restartCount: 0, state: {running: {startedAt: '" +
                             since + "'}}}]}\n");
    seen.agent = *doc::parse_json(agent);
    return diagnose(seen);
  };
  std::string_view refused = R"({"phase": "waiting", "reason": "waits for Redis: WRONGPASS",
      "redis": {"connected": false, "lastError": "WRONGPASS", "needsMending": true}})";
  std::string_view away = R"({"phase": "waiting", "reason": "waits for Redis: nobody answers",
      "redis": {"connected": false, "lastError": "nobody answers", "needsMending": false}})";
  std::string_view slow = R"({"phase": "starting", "reason": "Ray is starting",
      "redis": {"connected": true, "lastError": "long ago", "needsMending": true}})";
  ASSERT_EQ(said("2026-01-01T00:09:58Z", refused).size(), 1u) << "waiting does not help";
  EXPECT_EQ(said("2026-01-01T00:09:58Z", refused)[0].reason, "Storage");
  EXPECT_EQ(said("2026-01-01T00:09:58Z", refused)[0].why, "WRONGPASS");
  EXPECT_TRUE(said("2026-01-01T00:09:58Z", refused)[0].hopeless);
  EXPECT_TRUE(said("2026-01-01T00:09:30Z", away).empty()) << "it may be starting, too";
  ASSERT_EQ(said("2026-01-01T00:08:30Z", away).size(), 1u);
  EXPECT_EQ(said("2026-01-01T00:08:30Z", away)[0].why, "nobody answers");
  EXPECT_FALSE(said("2026-01-01T00:08:30Z", away)[0].hopeless);
  EXPECT_TRUE(said("2026-01-01T00:08:30Z", slow).empty());
  ASSERT_EQ(said("2026-01-01T00:05:00Z", slow).size(), 1u);
  EXPECT_EQ(said("2026-01-01T00:05:00Z", slow)[0].why, "Ray is starting");
}

constexpr std::string_view lost_worker = R"(
apiVersion: v1
kind: Pod
metadata: {name: w, uid: w1, labels: {ray.io/node-type: worker}}
spec: {nodeName: n1, containers: [{name: ray-worker}]}
status:
  phase: Running
  containerStatuses:
  - {name: ray-worker, ready: false, restartCount: 0, state: {running: {startedAt: "2026-01-01T00:08:30Z"}}}
)";

std::string head_ready_since(std::string time) {
  return "---\nkind: Pod\nmetadata: {name: h, uid: h1, labels: {ray.io/node-type: head}}\n"
         "spec: {nodeName: n1}\nstatus: {conditions: [{type: Ready, status: 'True', "
         "lastTransitionTime: '" +
         time + "'}]}\n";
}

TEST(Diagnose, SuspectsPolicyOrDnsWhenAWorkerCannotReachAHeadThatIsReady) {
  Observed seen = observed(std::string(lost_worker) + head_ready_since("2026-01-01T00:05:00Z"));
  seen.logs["w/ray-worker"] = "Failed to connect to GCS at demo-head-svc:6379";
  ASSERT_EQ(diagnose(seen).size(), 1u);
  EXPECT_EQ(diagnose(seen)[0].reason, "HeadUnreachable");
  EXPECT_NE(diagnose(seen)[0].next.find("network policy"), std::string::npos);
  seen.logs["w/ray-worker"] = "Failed to connect to GCS: Name or service not known";
  EXPECT_NE(diagnose(seen)[0].next.find("dns"), std::string::npos);
}

TEST(Diagnose, SaysNothingOfAWorkerThatWaitsForItsHead) {
  std::string worker(lost_worker);
  for (const std::string& head : {std::string(), head_ready_since("2026-01-01T00:09:50Z")}) {
    Observed seen = observed(worker + head);
    seen.logs["w/ray-worker"] = "Failed to connect to GCS at demo-head-svc:6379";
    EXPECT_TRUE(diagnose(seen).empty()) << head;
  }
}

constexpr std::string_view head_set = R"(
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: demo-head, uid: s1, generation: 1}
spec: {replicas: 1}
status: {observedGeneration: 1, replicas: 0, updateRevision: r2}
)";

TEST(Diagnose, ReadsAStatefulSetsRefusalFromItsNewestEvent) {
  struct Case {
    const char *message, *reason, *why;
    bool hopeless;
  };
  const Case table[] = {
      {"create Pod demo-head-0 failed error: pods \"demo-head-0\" is forbidden: violates "
       "PodSecurity \"restricted:latest\": privileged (container \"x\")",
       "PodSecurity", "privileged (container \"x\")", true},
      {"pods \"demo-head-0\" is forbidden: exceeded quota: team, requested: limits.cpu=8, used: "
       "limits.cpu=2, limited: limits.cpu=8",
       "Quota", "requested: limits.cpu=8, used: limits.cpu=2, limited: limits.cpu=8", true},
      {"admission webhook \"kyverno\" denied the request: no latest tag", "Policy", "no latest tag",
       true},
      {"failed calling webhook \"x\": connection refused", "WebhookUnavailable",
       "connection refused", false},
      {"pods \"a\" is forbidden: maximum memory usage per Container is 1Gi, but limit is 2Gi",
       "LimitRange", "maximum memory usage per Container is 1Gi, but limit is 2Gi", true},
      {"error looking up service account ray/x: serviceaccount \"x\" not found", "ServiceAccount",
       "ray/x: serviceaccount \"x\" not found", false},
      {"something new", "Refused", "something new", false},
  };
  for (const Case& each : table) {
    std::vector<Diagnosis> said =
        diagnose(observed(std::string(head_set) + event("s1", "FailedCreate", each.message)));
    ASSERT_EQ(said.size(), 1u) << each.message;
    EXPECT_EQ(said[0].object, "StatefulSet demo-head");
    EXPECT_EQ(said[0].reason, each.reason);
    EXPECT_EQ(said[0].why, each.why);
    EXPECT_EQ(said[0].hopeless, each.hopeless);
  }
}

TEST(Diagnose, ForgetsARefusalAfterWhichAPodWasMade) {
  EXPECT_TRUE(diagnose(observed(std::string(head_set) +
                                event("s1", "FailedCreate", "exceeded quota: x, y") +
                                event("s1", "SuccessfulCreate", "made")))
                  .empty());
}

TEST(Diagnose, ReadsADeploymentsRefusalFromItsCondition) {
  std::vector<Diagnosis> said = diagnose(observed(R"(
kind: Deployment
metadata: {name: demo-worker-a, uid: d1}
status: {conditions: [{type: ReplicaFailure, status: "True", message: "pods x is forbidden: exceeded quota: team, requested: pods=1"}]}
)"));
  ASSERT_EQ(said.size(), 1u);
  EXPECT_EQ(said[0].what, "the quota team has no room for it");
}

TEST(Diagnose, CountsPodsWithTheSameTroubleInsteadOfRepeatingIt) {
  std::string pods;
  for (const char* name : {"a", "b", "c"}) {
    pods += std::string("---\nkind: Pod\nmetadata: {name: ") + name + ", uid: " + name +
            "}\nspec: {}\nstatus: {conditions: [{type: PodScheduled, status: 'False', reason: "
            "Unschedulable, message: m}]}\n";
  }
  std::vector<Diagnosis> said = diagnose(observed(pods));
  ASSERT_EQ(said.size(), 1u);
  EXPECT_EQ(to_string(said[0]).substr(0, 21), "Pod a and 2 more: no ");
}

TEST(Diagnose, LeavesPodsOfAnOlderRevisionAlone) {
  std::string old_pod =
      "---\nkind: Pod\nmetadata: {name: demo-head-0, uid: p, labels: {controller-revision-hash: "
      "r1}, ownerReferences: [{uid: s1}]}\n"
      "spec: {}\nstatus: {containerStatuses: [{name: x, state: {waiting: {reason: "
      "InvalidImageName}}}]}\n";
  EXPECT_TRUE(diagnose(observed(std::string(head_set) + old_pod)).empty());
}

TEST(Diagnose, SaysWhoHoldsAPodThatShouldBeGone) {
  auto leaving = [](std::string finalizers) {
    return "kind: Pod\nmetadata: {name: a, uid: a, deletionTimestamp: '2026-01-01T00:05:00Z'" +
           finalizers + "}\nspec: {nodeName: n2}\n";
  };
  EXPECT_EQ(diagnose(observed(leaving("")))[0].reason, "NodeLost");
  EXPECT_EQ(diagnose(observed(leaving(", finalizers: [x/y]")))[0].reason, "Finalizer");
}

TEST(Diagnose, AsksForTheLogsOfContainersThatEndedBadly) {
  Observed seen = observed(std::string(head_pod) +
                           "status: {containerStatuses: [{name: ray-head, ready: false, state: "
                           "{waiting: {reason: CrashLoopBackOff}}, "
                           "lastState: {terminated: {exitCode: 1}}}]}");
  std::vector<LogWanted> wanted = logs_worth_reading(seen, 5);
  ASSERT_EQ(wanted.size(), 1u);
  EXPECT_EQ(wanted[0].container, "ray-head");
  EXPECT_TRUE(wanted[0].previous);
  EXPECT_TRUE(logs_worth_reading(seen, 0).empty());
}

}  // namespace
}  // namespace raykeep::control
