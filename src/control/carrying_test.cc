#include "control/carrying.h"

#include <gtest/gtest.h>

#include "control/fields.h"
#include "control/persisted.h"
#include "control/testing.h"

namespace raykeep::control {
namespace {

std::string json(const doc::Value& value) { return doc::write_json(value); }

TEST(Avoidance, IsOneTermBesideTheDocumentsOwn) {
  auto set = testing::objects(R"(
kind: StatefulSet
metadata: {name: demo-head}
spec: {template: {spec: {affinity: {nodeAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [
  {weight: 1, preference: {matchExpressions: [{key: disk, operator: In, values: [ssd]}]}},
  {weight: 100, preference: {matchFields: [{key: metadata.name, operator: NotIn, values: [n9]}]}}]}}}}}
)")[0];
  std::string patch = json(avoid_patch(set, "n1"));
  EXPECT_TRUE(patch.contains(R"("raykeep.io/avoid-node":"n1")")) << patch;
  EXPECT_TRUE(patch.contains(R"("values":["n1"])")) << patch;
  EXPECT_TRUE(patch.contains(R"("values":["ssd"])")) << patch;
  EXPECT_FALSE(patch.contains("n9")) << patch;
  std::string cleared = json(avoid_patch(set, ""));
  EXPECT_TRUE(cleared.contains(R"("raykeep.io/avoid-node":null)")) << cleared;
  EXPECT_FALSE(cleared.contains("n9")) << cleared;
}

TEST(Avoidance, ThatIsTheOnlyTermIsTakenAwayWhole) {
  auto set = testing::objects("kind: StatefulSet\nmetadata: {name: demo-head}\nspec: {}\n")[0];
  EXPECT_TRUE(json(avoid_patch(set, ""))
                  .contains(R"("preferredDuringSchedulingIgnoredDuringExecution":null)"));
}

constexpr const char* head_with_road = R"(
kind: StatefulSet
metadata: {name: demo-head}
spec: {template: {spec: {
  containers: [{name: ray-head, command: [/raykeep/raykeep, node, --redis=/r/redis.json, --],
    volumeMounts: [{name: road, mountPath: /r}]}],
  volumes: [{name: road, projected: {sources: [
    {configMap: {name: demo-gcs-redis, items: [{key: redis.json, path: redis.json}, {key: username, path: username}]}},
    {secret: {name: redis-ray, items: [{key: password, path: password}]}}]}}]}}}
---
kind: ConfigMap
metadata: {name: demo-gcs-redis}
data: {redis.json: '{"storageNamespace": "ray.demo.g", "addresses": ["10.0.0.9:6379"], "usernameFile": "/r/username", "passwordFile": "/r/password"}', username: ray}
---
kind: ConfigMap
metadata: {name: raykeep-raycluster-demo, uid: '0123456789'}
)";

TEST(CleanupNote, HoldsAllThatIsNeededWhenTheClusterIsGone) {
  auto observed = testing::observed(head_with_road);
  auto note = cleanup_note(observed);
  ASSERT_TRUE(note);
  EXPECT_EQ(name_of(*note), "raykeep-cleanup-demo-01234567");
  EXPECT_EQ(label_of(*note, cleanup_label), "demo");
  EXPECT_EQ(doc::find(*note, {"metadata", "ownerReferences"}), nullptr)
      << "it outlives its cluster";
  std::string text(doc::find_string(*note, {"data", cleanup_key}));
  auto target = target_from_json(*doc::parse_json(text));
  EXPECT_EQ(target, store_of(observed));
  EXPECT_EQ(target->files["/r/password"], (FileSource{true, "redis-ray", "password"}));
  EXPECT_EQ(target->texts["/r/username"], "ray") << "its ConfigMap goes with the cluster";

  auto facts = note_facts({*note}, observed, {{"raykeep-cleanup-demo-01234567", "no answer"}});
  ASSERT_EQ(facts.size(), 1);
  EXPECT_EQ(facts[0].owner_uid, "0123456789");
  EXPECT_TRUE(facts[0].in_use);
  EXPECT_EQ(facts[0].problem, "no answer");
  EXPECT_FALSE(note_facts({*note}, testing::observed(""), {})[0].in_use);
}

TEST(CleanupNote, OfAStoreThatIsNotTheClustersAnyMoreIsWrittenAnew) {
  auto observed = testing::observed(head_with_road);
  doc::Value note = *cleanup_note(observed);
  std::string moved = head_with_road;
  moved.replace(moved.find("10.0.0.9"), 8, "10.0.0.8");
  EXPECT_TRUE(note_facts({note}, testing::observed(moved), {}).empty());
}

TEST(CleanupNote, IsNotWrittenBeforeTheStoreIsKnown) {
  EXPECT_FALSE(cleanup_note(testing::observed("kind: ConfigMap\nmetadata: {name: x}\n")));
}

TEST(Store, ReadsTheRoadsConfiguration) {
  auto config = doc::parse_json(R"({"sentinel": {"addresses": ["s:26379"], "master": "m",
    "usernameFile": "su", "passwordFile": "sp"}, "usernameFile": "u", "passwordFile": "p",
    "tls": {"enabled": true, "caFile": "ca", "certificateFile": "c", "keyFile": "k",
    "serverName": "redis"}})");
  redis::Upstream made = upstream_of(*config);
  EXPECT_EQ(made, (redis::Upstream{.addresses = {},
                                   .sentinels = {{"s:26379"}, "m", "su", "sp"},
                                   .tls = {true, "ca", "c", "k", "redis"},
                                   .user_file = "u",
                                   .password_file = "p"}));
}

}  // namespace
}  // namespace raykeep::control
