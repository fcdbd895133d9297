#include "control/apply.h"

#include <gtest/gtest.h>

#include "control/down.h"
#include "control/inventory.h"
#include "control/matches.h"
#include "control/secrets.h"
#include "control/testing.h"
#include "control/token.h"
#include "plan/generation.h"

namespace raykeep::control {
namespace {

using testing::objects;
using testing::observed;

constexpr const char* ours =
    "labels: {app.kubernetes.io/managed-by: raykeep, raykeep.io/cluster: demo}";

std::string object(std::string api_version, std::string kind, std::string name,
                   std::string more = "") {
  return "---\napiVersion: " + api_version + "\nkind: " + kind +
         "\nmetadata: {namespace: ray, name: " + name + ", uid: u-" + name + ", " + ours + more +
         "}\n";
}

std::vector<std::string> names(const std::vector<kube::Ref>& refs) {
  std::vector<std::string> out;
  for (const kube::Ref& ref : refs) out.push_back(ref.kind.kind + " " + ref.name);
  return out;
}

using Names = std::vector<std::string>;

TEST(Adopt, TakesOnlyWhatCarriesBothLabelsOfThisCluster) {
  Live live;
  for (doc::Value& each : objects(object("v1", "Service", "a") + R"(
---
kind: Service
metadata: {name: b, labels: {app.kubernetes.io/managed-by: raykeep, raykeep.io/cluster: other}}
---
kind: Service
metadata: {name: c, annotations: {meta.helm.sh/release-name: web}}
---
kind: Service
metadata: {name: d, labels: {raykeep.io/cluster: demo}}
)"))
    live.push_back(std::move(each));
  live.push_back(std::nullopt);
  std::vector<Foreign> foreign = foreign_among(live, "demo");
  ASSERT_EQ(foreign.size(), 3u);
  EXPECT_EQ(foreign[0].object, "Service b");
  EXPECT_EQ(foreign[0].whose, "Raykeep's cluster other");
  EXPECT_EQ(foreign[1].whose, "the Helm release web");
  EXPECT_EQ(foreign[2].whose, "somebody else");
}

TEST(Owner, IsReferredToWithoutNeedingRightsOnFinalizers) {
  doc::Value reference =
      owner_reference(objects(object("v1", "ConfigMap", "raykeep-raycluster-demo"))[0]);
  EXPECT_EQ(
      doc::write_json(reference),
      R"({"apiVersion":"v1","kind":"ConfigMap","name":"raykeep-raycluster-demo","uid":"u-raykeep-raycluster-demo"})");
  doc::Value with = owned(objects(object("v1", "Service", "a"))[0], reference);
  EXPECT_EQ(doc::find_array(with, {"metadata", "ownerReferences"})->size(), 1u);
  EXPECT_EQ(doc::find(owned(objects(object("v1", "Service", "a"))[0], nullptr),
                      {"metadata", "ownerReferences"}),
            nullptr);
}

TEST(Prune, RemovesWhatThePlanNoLongerNamesWorkloadsFirstAndKeepsClaims) {
  plan::Plan plan;
  plan.cluster = "demo";
  plan.objects = objects(object("v1", "ConfigMap", "raykeep-raycluster-demo") +
                         object("apps/v1", "StatefulSet", "demo-head"));
  Observed seen = observed(object("v1", "ConfigMap", "raykeep-raycluster-demo") +
                           object("networking.k8s.io/v1", "NetworkPolicy", "demo-worker-old") +
                           object("v1", "PersistentVolumeClaim", "demo-gcs") +
                           object("apps/v1", "StatefulSet", "demo-head") +
                           object("apps/v1", "Deployment", "demo-worker-old"));
  EXPECT_EQ(names(to_prune(seen, plan)),
            (Names{"Deployment demo-worker-old", "NetworkPolicy demo-worker-old"}));
  EXPECT_EQ(names(kept_claims(seen, plan)), Names{"PersistentVolumeClaim demo-gcs"});
}

TEST(Down, RemovesPodsBeforeThePoliciesThatGuardThemAndTheOwnerLast) {
  std::string owner = object("v1", "ConfigMap", "raykeep-raycluster-demo");
  std::string policy = object("networking.k8s.io/v1", "NetworkPolicy", "demo-head");
  std::string service = object("v1", "Service", "demo-head-svc");
  std::string set = object("apps/v1", "StatefulSet", "demo-head");
  std::string going = object("apps/v1", "StatefulSet", "demo-head", ", deletionTimestamp: x");
  std::string pod = object("v1", "Pod", "demo-head-0");
  std::string leaving = object("v1", "Pod", "demo-head-0", ", deletionTimestamp: x");
  EXPECT_EQ(names(next_to_remove(observed(owner + policy + service + set + pod))),
            Names{"StatefulSet demo-head"});
  EXPECT_EQ(names(next_to_remove(observed(owner + policy + service + going + pod))), Names{});
  EXPECT_EQ(names(next_to_remove(observed(owner + policy + service + pod))),
            Names{"Pod demo-head-0"});
  EXPECT_EQ(names(next_to_remove(observed(owner + policy + service + leaving))), Names{});
  EXPECT_EQ(names(next_to_remove(observed(owner + policy + service))),
            Names{"Service demo-head-svc"});
  EXPECT_EQ(names(next_to_remove(observed(owner + policy))), Names{"NetworkPolicy demo-head"});
  EXPECT_EQ(names(next_to_remove(observed(owner))), Names{"ConfigMap raykeep-raycluster-demo"});
  EXPECT_EQ(names(next_to_remove(observed(""))), Names{});
}

TEST(Down, EndsRedisAfterTheHead) {
  std::string head = object("apps/v1", "StatefulSet", "demo-head");
  std::string redis =
      "---\napiVersion: apps/v1\nkind: StatefulSet\nmetadata: {namespace: ray, name: "
      "demo-redis, labels: {ray.io/node-type: redis}}\n";
  std::string pod =
      "---\napiVersion: v1\nkind: Pod\nmetadata: {namespace: ray, name: demo-redis-0, "
      "labels: {ray.io/node-type: redis}}\n";
  EXPECT_EQ(names(next_to_remove(observed(head + redis + pod))), Names{"StatefulSet demo-head"});
  EXPECT_EQ(names(next_to_remove(observed(redis + pod))), Names{"StatefulSet demo-redis"});
  EXPECT_EQ(names(next_to_remove(observed(pod))), Names{"Pod demo-redis-0"});
}

TEST(Completed, IsOwnedAndOfItsGeneration) {
  doc::Value owner = objects(object("v1", "ConfigMap", "raykeep-raycluster-demo"))[0];
  doc::Value planned = objects("kind: X\nmetadata: {name: a}\ndata: {ns: 'ray.demo." +
                               std::string(plan::generation_placeholder) + "'}\n")[0];
  EXPECT_EQ(completed(planned, std::nullopt), planned);
  doc::Value made = completed(planned, owner);
  EXPECT_EQ(doc::find_string(made, {"data", "ns"}), "ray.demo.u-raykeep-raycluster-demo");
  EXPECT_NE(doc::find_array(made, {"metadata", "ownerReferences"}), nullptr);
}

TEST(Completed, KeepsToTheGenerationThatRenderWrote) {
  doc::Value owner = objects(object("v1", "ConfigMap", "raykeep-raycluster-demo",
                                    ", annotations: {raykeep.io/generation: static}"))[0];
  doc::Value planned = objects("kind: X\nmetadata: {name: a}\ndata: {ns: 'ray.demo." +
                               std::string(plan::generation_placeholder) + "'}\n")[0];
  EXPECT_EQ(doc::find_string(completed(planned, owner), {"data", "ns"}), "ray.demo.static");
}

TEST(Completed, LeavesARetainedClaimToItself) {
  doc::Value owner = objects(object("v1", "ConfigMap", "raykeep-raycluster-demo"))[0];
  doc::Value claim = objects(
      "kind: PersistentVolumeClaim\nmetadata: {name: a, annotations: "
      "{raykeep.io/keep: 'true'}}\n")[0];
  EXPECT_EQ(doc::find_array(completed(claim, owner), {"metadata", "ownerReferences"}), nullptr);
}

TEST(Completed, ShowsThatSomethingWasTakenOutOfThePlan) {
  doc::Value owner = objects(object("v1", "ConfigMap", "raykeep-raycluster-demo"))[0];
  auto planned = [&](const std::string& spec) {
    return completed(objects("kind: X\nmetadata: {name: a}\nspec: " + spec)[0], owner);
  };
  const doc::Value live = planned("{a: 1, b: 2}");
  EXPECT_EQ(first_difference(planned("{a: 1, b: 2}"), live), "");
  EXPECT_EQ(first_difference(planned("{a: 1}"), live), "metadata.annotations.raykeep.io/plan-hash");
}

TEST(Secrets, HoldADocumentsPassword) {
  using Kind = plan::PlannedSecret::Kind;
  plan::PlannedSecret planned{
      Kind::document_password, "demo-gcs-redis", Secret(std::string("word")), {}};
  SecretValues values = secret_values(planned, {{"password", Secret(std::string("old"))}});
  EXPECT_EQ(values.size(), 1u);
  EXPECT_EQ(values.at("password").reveal(), "word");
  planned.password = {};  // a stored document only refers to it
  EXPECT_EQ(secret_values(planned, values), values);
}

TEST(Secrets, OfAManagedRedisAreMadeOnce) {
  plan::PlannedSecret planned{
      plan::PlannedSecret::Kind::managed_redis, "demo-redis", {}, {"demo-redis.ray.svc"}};
  SecretValues values = secret_values(planned, {});
  EXPECT_EQ(values.at("password").reveal().size(), 43u);
  EXPECT_TRUE(values.at("users.acl").reveal().contains(" >" + values.at("password").reveal()));
  EXPECT_TRUE(values.at("tls.key").reveal().contains("PRIVATE KEY"));
  EXPECT_EQ(secret_values(planned, values), values);
  EXPECT_NE(secret_values(planned, {}), values);
  // Half a certificate is none.
  SecretValues half = values;
  half.erase("tls.key");
  EXPECT_NE(secret_values(planned, half).at("ca.crt"), values.at("ca.crt"));
  EXPECT_EQ(secret_values(planned, half).at("password"), values.at("password"));
}

TEST(Token, IsThirtyTwoRandomBytesThatNoShellOrHeaderMinds) {
  Secret<std::string> one = make_token(), other = make_token();
  EXPECT_EQ(one.reveal().size(), 43u);
  EXPECT_EQ(one.reveal().find_first_not_of(
                "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
            std::string::npos);
  EXPECT_FALSE(one == other);
}

}  // namespace
}  // namespace raykeep::control
