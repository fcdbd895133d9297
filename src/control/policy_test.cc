#include "control/policy.h"

#include <gtest/gtest.h>

#include "control/persisted.h"
#include "control/testing.h"

namespace raykeep::control {
namespace {

std::string refusal(const std::string& pod_spec, const Policy& policy = {}) {
  plan::Plan plan;
  plan.objects = testing::objects(
      "kind: StatefulSet\nmetadata: {name: h}\nspec: {template: {spec: " + pod_spec + "}}\n");
  return refusal_by(policy, plan);
}

TEST(Policy, AllowsWhatRestrictedAllows) {
  EXPECT_EQ(refusal("{serviceAccountName: default, containers: [{name: a, image: any}], volumes: "
                    "[{name: t, emptyDir: {}}, "
                    "{name: s, secret: {secretName: x}}]}"),
            "");
}

TEST(Policy, NeverAllowsWhatReachesTheNode) {
  for (const char* each : {"{hostNetwork: true}", "{hostPID: true}", "{hostIPC: true}",
                           "{volumes: [{name: a, hostPath: {path: /}}]}",
                           "{containers: [{name: a, securityContext: {privileged: true}}]}"})
    EXPECT_TRUE(refusal(each).contains("never allowed")) << each;
  Policy all;
  all.volume_kinds.push_back("hostPath");
  EXPECT_TRUE(
      refusal("{volumes: [{name: a, hostPath: {path: /}}]}", all).contains("never allowed"));
}

TEST(Policy, KnowsServiceAccountsImagesAndVolumesByItsLists) {
  EXPECT_EQ(refusal("{serviceAccountName: admin}"),
            "StatefulSet h: service account \"admin\" is not among those the controller may use "
            "(--allow-service-account)");
  EXPECT_TRUE(refusal("{serviceAccount: admin}").contains("admin")) << "the old name of the field";
  Policy policy{.image_prefixes = {"r.example/"},
                .service_accounts = {"admin"},
                .volume_kinds = {"emptyDir"}};
  EXPECT_EQ(refusal("{serviceAccountName: admin, containers: [{image: r.example/ray}]}", policy),
            "");
  EXPECT_TRUE(
      refusal("{initContainers: [{image: other/ray}], containers: [{image: r.example/ray}]}",
              policy)
          .contains("other/ray"));
  EXPECT_EQ(refusal("{volumes: [{name: v, nfs: {}}]}"),
            "StatefulSet h: volume v of kind nfs is not of an allowed kind (--allow-volume)");
  EXPECT_TRUE(refusal("{volumes: [{name: v, secret: {}}]}", policy).contains("kind secret"));
}

// What stands in clusters: a change here orphans it.
TEST(Persisted, NamesStayAsTheyAre) {
  EXPECT_EQ(controller_name, "raykeep-controller");
  EXPECT_EQ(status_key, "status.json");
  EXPECT_EQ(avoid_node_annotation, "raykeep.io/avoid-node");
  EXPECT_EQ(removing_annotation, "raykeep.io/removing");
  EXPECT_EQ(volume_fence_annotation, "raykeep.io/volume-fence");
  EXPECT_EQ(volume_fence_detach, "detach");
  EXPECT_EQ(cleanup_label, "raykeep.io/cleanup");
  EXPECT_EQ(cleanup_key, "cleanup.json");
  EXPECT_EQ(controller_port, 52371);
}

}  // namespace
}  // namespace raykeep::control
