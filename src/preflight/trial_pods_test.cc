#include "preflight/trial_pods.h"

#include <gtest/gtest.h>

#include "preflight/testing.h"

namespace raykeep::preflight {
namespace {

using namespace testing;

struct Place {
  plan::Plan plan = plan_of(spec::kSmallCluster);
  spec::Site site = spec::default_site();
  Survey survey = {};
  PodMaker maker{site, survey, object("limits: {cpu: 10m}")};

  Place() {
    survey.plans.push_back(
        {.plan = &plan, .live = {}, .secrets = {}, .tried = {}, .references = {}, .referred = {}});
  }
  void refers(Reference::Kind kind, std::string name, kube::Said said) {
    survey.plans[0].references.push_back({.kind = kind, .name = std::move(name)});
    survey.plans[0].referred.emplace_back(std::move(said));
  }
};

std::string text(const doc::Object& object) { return doc::write_json(doc::Value(object)); }

TEST(TrialPods, HaveTheSizeAndThePlaceOfTheWorkload) {
  Place place;
  doc::Value pod_template = object(R"(
spec:
  priorityClassName: high
  nodeSelector: {disk: nvme}
  containers: [{name: a, resources: {limits: {cpu: "2", memory: 1Gi}}}, {name: b, resources: {limits: {cpu: "1"}}}]
)");
  doc::Object pod = size_pod(place.maker, {"Deployment x", 1, &pod_template});
  EXPECT_EQ(doc::find_string(pod, {"nodeSelector", "disk"}), "nvme");
  EXPECT_EQ(pod.if_contains("priorityClassName"), nullptr) << "it must drive nobody away";
  EXPECT_TRUE(text(pod).contains(R"("requests":{"cpu":"3","memory":"1Gi"})")) << text(pod);
}

TEST(TrialPods, LeaveOutWhatIsMissing) {
  Place place;
  doc::Value spec = object("{serviceAccountName: runner, runtimeClassName: gvisor}");
  doc::Value container = object("{name: ray, image: r/ray:1, command: [bash], env: [{name: A}]}");
  EXPECT_EQ(doc::find_string(image_pod(place.maker, spec, container), {"serviceAccountName"}),
            "runner");
  place.refers(Reference::Kind::service_account, "runner", refusal(404, ""));
  doc::Object pod = image_pod(place.maker, spec, container);
  EXPECT_EQ(pod.if_contains("serviceAccountName"), nullptr);
  EXPECT_EQ(text(pod["containers"].get_array()[0].get_object()),
            R"({"name":"image","image":"r/ray:1","command":["/raykeep-preflight-runs-nothing"],)"
            R"("resources":{"limits":{"cpu":"10m"}}})");
}

TEST(TrialPods, UseOnlyClaimsThatAreBound) {
  Place place;
  place.refers(Reference::Kind::volume_claim, "a", answer("status: {phase: Bound}"));
  place.refers(Reference::Kind::volume_claim, "b", answer("status: {phase: Pending}"));
  doc::Value pod_template = object(R"(
spec:
  volumes:
  - {name: a, persistentVolumeClaim: {claimName: a}}
  - {name: b, persistentVolumeClaim: {claimName: b}}
  - {name: c, configMap: {name: c}}
  containers: [{name: a}]
)");
  doc::Object pod = size_pod(place.maker, {"Deployment x", 1, &pod_template});
  EXPECT_EQ(doc::write_json(pod["volumes"]),
            R"([{"name":"a","persistentVolumeClaim":{"claimName":"a"}}])");
}

TEST(TrialClaim, CanBeBoundToNothingAndGoesWithItsJob) {
  doc::Object claim = unbindable_claim(
      "c", "0a1b2c",
      object("{metadata: {namespace: bank}, spec: {storageClassName: fast, resources: {}}}"),
      object("metadata: {name: j, uid: u}"));
  EXPECT_EQ(doc::find_string(claim, {"spec", "storageClassName"}), "fast");
  EXPECT_EQ(doc::find_string(claim, {"spec", "selector", "matchLabels", "raykeep.io/short-lived"}),
            "0a1b2c");
  EXPECT_TRUE(text(claim).contains(R"("ownerReferences":[{"apiVersion":"batch/v1","kind":"Job")"));
}

}  // namespace
}  // namespace raykeep::preflight
