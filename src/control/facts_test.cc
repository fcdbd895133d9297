#include "control/facts.h"

#include <gtest/gtest.h>

#include "control/testing.h"
#include "doc/document.h"

namespace raykeep::control {
namespace {

using decide::PodSays;
using testing::objects;
using testing::observed;

std::string pod(const std::string& more) {
  return "kind: Pod\nmetadata: {name: demo-head-0, uid: h1, labels: {ray.io/node-type: head}}\n" +
         more;
}

TEST(PodSays, FollowsTheTable) {
  struct Row {
    const char *name, *pod;
    PodSays says;
  };
  const Row table[] = {
      {"no node", "spec: {}\nstatus: {phase: Pending}", PodSays::unplaced},
      {"a node that has not begun", "spec: {nodeName: n1}\nstatus: {phase: Pending}",
       PodSays::unacknowledged},
      {"images are pulled",
       "spec: {nodeName: n1}\nstatus: {startTime: t, conditions: [{type: Ready, status: 'False', "
       "reason: "
       "ContainersNotReady}], containerStatuses: [{state: {waiting: {reason: "
       "ContainerCreating}}}]}",
       PodSays::starting},
      {"begun, and nothing is told of containers yet",
       "spec: {nodeName: n1}\nstatus: {startTime: t, conditions: [{type: Ready, status: 'False', "
       "reason: "
       "ContainersNotReady}]}",
       PodSays::starting},
      {"it crashed, and is about to be started again",
       "spec: {nodeName: n1}\nstatus: {startTime: t, conditions: [{type: Ready, status: 'False', "
       "reason: "
       "ContainersNotReady}], containerStatuses: [{state: {terminated: {exitCode: 1}}}]}",
       PodSays::starting},
      {"it runs and is not ready",
       "spec: {nodeName: n1}\nstatus: {startTime: t, conditions: [{type: Ready, status: 'False', "
       "reason: "
       "ContainersNotReady}], containerStatuses: [{state: {running: {startedAt: t}}}]}",
       PodSays::not_ready},
      {"ready",
       "spec: {nodeName: n1}\nstatus: {startTime: t, conditions: [{type: Ready, status: 'True'}]}",
       PodSays::ready},
      {"the node controller turned Ready, and gave no reason",
       "spec: {nodeName: n1}\nstatus: {startTime: t, conditions: [{type: Ready, status: 'False'}], "
       "containerStatuses: [{state: {running: {startedAt: t}}}]}",
       PodSays::node_lost},
      {"evicted from a node that does not report",
       "spec: {nodeName: n1}\nstatus: {startTime: t, conditions: [{type: Ready, status: 'False', "
       "reason: "
       "ContainersNotReady}, {type: DisruptionTarget, status: 'True', reason: "
       "DeletionByTaintManager}]}",
       PodSays::node_lost},
      {"marked by an older Kubernetes",
       "spec: {nodeName: n1}\nstatus: {startTime: t, reason: NodeLost}", PodSays::node_lost},
      {"preempted by the scheduler is no lost node",
       "spec: {nodeName: n1}\nstatus: {startTime: t, conditions: [{type: Ready, status: 'True'}, "
       "{type: "
       "DisruptionTarget, status: 'True', reason: PreemptionByScheduler}]}",
       PodSays::ready},
      {"ended", "spec: {nodeName: n1}\nstatus: {phase: Failed, startTime: t}", PodSays::ended},
  };
  for (const Row& row : table) EXPECT_EQ(pod_says(objects(pod(row.pod))[0]), row.says) << row.name;
}

constexpr const char* labels =
    "labels: {app.kubernetes.io/managed-by: raykeep, raykeep.io/cluster: demo}";
const std::string owner = std::string(
                              "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: "
                              "raykeep-raycluster-demo, uid: o1, ") +
                          labels + "}\ndata: {document.yaml: 'spec: {}'}\n";
std::string service(const std::string& name, const std::string& more) {
  return "---\napiVersion: v1\nkind: Service\nmetadata: {name: " + name + ", uid: u, " + labels +
         "}\n" + more + "\n";
}

plan::Plan plan_of(const std::string& yaml) {
  plan::Plan made;
  made.ns = "ray";
  made.cluster = "demo";
  made.objects = objects(yaml);
  return made;
}

TEST(Facts, CompareThePlanWithWhatStands) {
  using Stands = decide::Object::Stands;
  plan::Plan plan =
      plan_of(owner + service("same", "spec: {clusterIP: None}") +
              service("edited", "spec: {a: 1}") + service("missing", "") + service("leaving", ""));
  Observed seen = observed(
      owner + service("same", "spec: {clusterIP: None, type: ClusterIP}") +
      service("edited", "spec: {a: 2}") + service("orphan", "") +
      "---\napiVersion: v1\nkind: Service\nmetadata: {name: leaving, deletionTimestamp: t, " +
      labels + "}\n---\napiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: data, " +
      labels + "}\n");
  decide::Observed facts = facts_of(seen, &plan, {});
  EXPECT_EQ(facts.owner, decide::Owner::present);
  EXPECT_EQ(facts.owner_uid, "o1");
  std::vector<decide::Object> expected = {
      {.name = "Service same"},
      {.name = "Service edited", .stands = Stands::differs, .what = "spec.a"},
      {.name = "Service missing", .stands = Stands::absent},
      {.name = "Service leaving", .stands = Stands::going}};
  EXPECT_EQ(facts.objects, expected) << "and not the owner: the document is its author's";
  std::vector<decide::Orphan> orphans = {{.name = "Service orphan"},
                                         {.name = "PersistentVolumeClaim data", .claim = true}};
  EXPECT_EQ(facts.orphans, orphans);
}

TEST(Facts, LetBeWhatTheServerWritesDifferently) {
  plan::Plan plan = plan_of(service("a", "spec: {x: 1}"));
  Observed seen = observed(owner + service("a", "spec: {x: one}"));
  Sightings sightings;
  sightings.normalised["Service a"] = normalised(plan.objects[0], *seen.find("Service", "a"));
  EXPECT_EQ(facts_of(seen, &plan, sightings).objects[0].stands, decide::Object::Stands::same);
}

TEST(Facts, DoNotTakeAnAvoidedNodeForADifference) {
  const std::string set =
      std::string("---\napiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: demo-head, ") +
      labels;
  plan::Plan plan =
      plan_of(set +
              "}\nspec: {template: {spec: {affinity: {nodeAffinity: "
              "{preferredDuringSchedulingIgnoredDuringExecution: "
              "[{weight: 1, preference: {matchExpressions: [{key: a, operator: Exists}]}}]}}}}}\n");
  Observed seen = observed(owner + set +
                           ", annotations: {raykeep.io/avoid-node: n1}}\nspec: {template: {spec: "
                           "{affinity: {nodeAffinity: "
                           "{preferredDuringSchedulingIgnoredDuringExecution: [{weight: 1, "
                           "preference: {matchExpressions: [{key: a, operator: "
                           "Exists}]}}, {weight: 100, preference: {matchFields: [{key: "
                           "metadata.name, operator: NotIn, values: [n1]}]}}]}}}}}\n");
  decide::Observed facts = facts_of(seen, &plan, {});
  EXPECT_EQ(facts.objects[0].stands, decide::Object::Stands::same) << facts.objects[0].what;
  EXPECT_TRUE(facts.objects[0].head);
  EXPECT_EQ(facts.avoided_node, "n1");
}

TEST(Facts, ReadTheFenceFromThePodThatRuns) {
  const std::string on_road =
      pod("spec: {nodeName: n1, containers: [{name: ray-head, command: [/raykeep/raykeep, node, "
          "--role=head, "
          "--redis=/r/redis.json, --], env: [{name: RAY_REDIS_ADDRESS, value: "
          "'127.0.0.1:6399'}]}]}\nstatus: {startTime: t}\n");
  const std::string direct =
      pod("spec: {containers: [{name: ray-head, command: [/bin/bash], env: [{name: "
          "RAY_REDIS_ADDRESS, value: 'redis:6379'}]}]}\n");
  const std::string memory =
      pod("spec: {containers: [{name: ray-head, command: [/raykeep/raykeep, node, --]}]}\n");
  const std::string volume =
      pod("spec: {containers: [{name: ray-head, env: [{name: RAY_gcs_storage, value: rocksdb}, "
          "{name: RAY_gcs_storage_path, "
          "value: /data/gcs}], volumeMounts: [{name: gcs, mountPath: /data}]}], volumes: [{name: "
          "gcs, persistentVolumeClaim: "
          "{claimName: demo-gcs-pvc}}]}\n");
  Sightings sightings;
  sightings.lease = {.storage = decide::Storage::memory,
                     .lease = decide::Fence::Lease::held,
                     .holder = "h1",
                     .epoch_known = true};
  auto fence = [&](const std::string& yaml) {
    return facts_of(observed(owner + "---\n" + yaml), nullptr, sightings).fence;
  };
  EXPECT_EQ(fence(on_road), (decide::Fence{.storage = decide::Storage::redis,
                                           .on_road = true,
                                           .lease = decide::Fence::Lease::held,
                                           .holder = "h1",
                                           .epoch_known = true}));
  EXPECT_EQ(fence(direct).storage, decide::Storage::redis);
  EXPECT_FALSE(fence(direct).on_road);
  EXPECT_EQ(fence(memory).storage, decide::Storage::memory);
  EXPECT_EQ(fence(volume).storage, decide::Storage::rocksdb);
  EXPECT_FALSE(fence(volume).detach_cuts) << "nobody said so";
  EXPECT_EQ(head_storage(objects(volume)[0].at("spec").as_object()).claim, "demo-gcs-pvc");
  sightings.gcs_claim = objects(
      "metadata: {annotations: {raykeep.io/volume-fence: detach}}\nspec: {accessModes: "
      "[ReadWriteOnce]}\n")[0];
  EXPECT_TRUE(fence(volume).detach_cuts);
  EXPECT_FALSE(fence(volume).shared_volume);
  sightings.gcs_claim = objects("spec: {accessModes: [ReadWriteOnce, ReadWriteMany]}\n")[0];
  EXPECT_TRUE(fence(volume).shared_volume);
}

TEST(Facts, KnowWhetherTheOwnerIsThere) {
  EXPECT_EQ(facts_of(observed(""), nullptr, {}).owner, decide::Owner::absent);
  EXPECT_EQ(
      facts_of(
          observed(
              "kind: ConfigMap\nmetadata: {name: raykeep-raycluster-demo, deletionTimestamp: t}\n"),
          nullptr, {})
          .owner,
      decide::Owner::going);
}

constexpr const char* road_pod = R"(
kind: Pod
metadata: {name: demo-head-0, labels: {ray.io/node-type: head}}
spec:
  containers:
  - name: ray-head
    command: [/raykeep/raykeep, node, --redis=/road/redis.json, --]
    volumeMounts:
    - {name: road, mountPath: /road/}
    - {name: own, mountPath: /tls}
  volumes:
  - name: road
    projected:
      sources:
      - configMap: {name: demo-gcs-redis}
      - secret: {name: redis, items: [{key: pw, path: password}]}
  - {name: own, secret: {secretName: certs}}
)";

TEST(RoadTarget, NamesWhereEachFileComesFrom) {
  HeadStorage storage = head_storage(objects(road_pod)[0].at("spec").as_object());
  EXPECT_EQ(storage.config_file, "/road/redis.json");
  auto target = road_target(
      R"({"addresses": ["b:1", "a:1"], "storageNamespace": "x", "usernameFile": "/road/username",
          "passwordFile": "/road/password", "tls": {"enabled": true, "caFile": "/tls/ca.crt", "keyFile": "/elsewhere"}})",
      storage);
  ASSERT_TRUE(target);
  EXPECT_EQ(target->storage_namespace, "x");
  EXPECT_EQ(target->addresses, (std::vector<std::string>{"a:1", "b:1"}));
  const std::map<std::string, FileSource> expected = {
      {"/road/username", {false, "demo-gcs-redis", "username"}},
      {"/road/password", {true, "redis", "pw"}},
      {"/tls/ca.crt", {true, "certs", "ca.crt"}}};
  EXPECT_EQ(target->files, expected);
  EXPECT_EQ(target_from_json(to_json(*target)), target) << "a note gives back what was put in";
}

TEST(RoadTarget, IsNothingWhereTheConfigurationSaysNothing) {
  for (const char* config : {"", "[]", "{}", "{\"storageNamespace\": \"\"}"})
    EXPECT_FALSE(road_target(config, {})) << config;
}

}  // namespace
}  // namespace raykeep::control
