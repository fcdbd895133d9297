#include "control/understanding.h"

#include <gtest/gtest.h>

#include "control/apply.h"
#include "control/fields.h"
#include "control/store.h"
#include "control/testing.h"
#include "doc/document.h"

namespace raykeep::control {
namespace {

using decide::Desired;

constexpr const char* document = R"(
    apiVersion: ray.io/v1
    kind: RayCluster
    metadata: {name: demo}
    spec:
      rayVersion: 2.60.0
      headGroupSpec:
        rayStartParams: {}
        template: {spec: {containers: [{name: ray-head, image: lab/ray:2.60.0}]}}
)";

Observed with(const std::string& data, const std::string& metadata = "") {
  return testing::observed(
      "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: raykeep-raycluster-demo, namespace: ray, "
      "uid: o-1" +
      metadata + "}\ndata:\n" + data);
}

Observed usable(const std::string& metadata = "") {
  return with(std::string("  document.yaml: |") + document, metadata);
}

TEST(Understanding, PlansTheStoredDocumentForItsOwner) {
  Understanding made = understand(usable(), {});
  ASSERT_EQ(made.desired.document, Desired::Document::usable) << made.desired.problem;
  ASSERT_TRUE(made.plan);
  EXPECT_FALSE(made.desired.keeps_keys);
  EXPECT_FALSE(made.desired.suspended);
  for (const doc::Value& object : made.plan->objects) {
    if (name_of(object) == "raykeep-raycluster-demo") continue;
    EXPECT_TRUE(is_owned_by(object, "o-1")) << name_of(object);
  }
}

TEST(Understanding, PlansAsUpDoesSoThatNothingRestartsWhenAControllerComes) {
  Observed seen = usable();
  auto document_of = [&](const char* key) {
    return doc::read_yaml(doc::find_string(*seen.owner(), {"data", key}), key).documents.at(0);
  };
  auto parsed = spec::parse_ray_cluster(document_of("document.yaml"));
  plan::Plan ups = plan::plan(*parsed.cluster, spec::default_site(),
                              {.ns = "ray", .generation = "", .token = ""});
  Understanding made = understand(seen, {});
  ASSERT_EQ(made.plan->objects.size(), ups.objects.size());
  for (std::size_t i = 1; i < ups.objects.size(); ++i)
    EXPECT_EQ(made.plan->objects[i], completed(ups.objects[i], *seen.owner()));
}

/// A cluster with a Redis outside, and all of its plan's objects there.
Observed with_redis() {
  Observed seen = with(std::string("  document.yaml: |") + document + R"(
  site.yaml: |
    apiVersion: raykeep.io/v1
    kind: Site
    metadata: {name: bank}
    spec:
      tls: {mode: none}
      redis: {addresses: ["10.0.0.9:6379"], user: ray, passwordSecret: {name: redis-ray}}
)");
  Understanding made = understand(seen, {});
  EXPECT_EQ(made.desired.document, Desired::Document::usable) << made.desired.problem;
  EXPECT_FALSE(made.desired.keeps_keys) << "nobody can say yet what is to be cleaned";
  for (const doc::Value& object : made.plan->objects) {
    if (name_of(object) != "raykeep-raycluster-demo") seen.objects.push_back(object);
  }
  return seen;
}

TEST(Understanding, KnowsTheStoreOfAHeadFromItsPlannedObjects) {
  Observed seen = with_redis();
  auto target = store_of(seen);
  ASSERT_TRUE(target);
  EXPECT_EQ(target->storage_namespace, "ray.demo.o-1");
  EXPECT_EQ(target->addresses, std::vector<std::string>{"10.0.0.9:6379"});
  EXPECT_EQ(target->files["/var/run/secrets/raykeep-redis/password"],
            (FileSource{true, "redis-ray", "password"}));
  EXPECT_EQ(target->texts["/var/run/secrets/raykeep-redis/username"], "ray")
      << "it stands in a ConfigMap that goes with the cluster";
  EXPECT_TRUE(understand(seen, {}).desired.keeps_keys);
}

TEST(Understanding, SaysWhyADocumentCannotBeUsed) {
  for (const char* data :
       {"  document.yaml: \"a: [\"\n", "  other: x\n", "  document.yaml: \"kind: RayCluster\"\n"}) {
    Understanding made = understand(with(data), {});
    EXPECT_EQ(made.desired.document, Desired::Document::unreadable) << data;
    EXPECT_TRUE(made.desired.problem.starts_with("the stored document cannot be used: ")) << data;
    EXPECT_FALSE(made.plan) << data;
  }
}

TEST(Understanding, RefusesADocumentOfAnotherCluster) {
  std::string other = document;
  other.replace(other.find("demo"), 4, "evil");
  Understanding made = understand(with("  document.yaml: |" + other), {});
  EXPECT_TRUE(made.desired.problem.contains("names cluster evil")) << made.desired.problem;
}

TEST(Understanding, ThePolicyRefusesWhatTheControllerMayNotRun) {
  Policy policy;
  policy.image_prefixes = {"registry.bank.example/"};
  Understanding made = understand(usable(), policy);
  EXPECT_EQ(made.desired.document, Desired::Document::refused);
  EXPECT_TRUE(made.desired.problem.contains("image")) << made.desired.problem;
}

TEST(Understanding, AnOwnerThatDownHasMarkedIsBeingRemoved) {
  EXPECT_FALSE(is_being_removed(*usable().owner()));
  EXPECT_TRUE(is_being_removed(*usable(", annotations: {raykeep.io/removing: 'true'}").owner()));
  EXPECT_TRUE(is_being_removed(*usable(", deletionTimestamp: '2026-01-01T00:00:00Z'").owner()));
}

}  // namespace
}  // namespace raykeep::control
