// Objects: what the client does with the real server's answers.
#include "cluster.h"

namespace raykeep::kube {
namespace {

using FailureKind = Failure::Kind;

const auto* const made_namespace = ::testing::AddGlobalTestEnvironment(new Namespace);

#define EXPECT_HAS(text, part) EXPECT_TRUE(std::string(text).contains(part)) << (text)

class Objects : public ::testing::Test, public Cluster {
 protected:
  const std::string ns = Namespace::name();
  doc::Value config_map(const std::string& name, const std::string& value = "1") {
    return yaml(
        fmt::format("{{apiVersion: v1, kind: ConfigMap, metadata: {{name: {}, namespace: {}, "
                    "labels: {{test: {}}}}}, data: {{a: '{}'}}}}",
                    name, ns, name, value));
  }
  Ref ref(const std::string& name) { return {{"v1", "ConfigMap"}, ns, name}; }
  static std::string version(const doc::Value& object) {
    return std::string(doc::find_string(object, {"metadata", "resourceVersion"}));
  }
};

TEST_F(Objects, ApplyTwiceChangesNothing) {
  auto first = run(tenant.apply(config_map("twice"), {}, soon()));
  EXPECT_TRUE(first.created);
  auto second = run(tenant.apply(config_map("twice"), {}, soon()));
  EXPECT_FALSE(second.created);
  EXPECT_EQ(version(first.object), version(second.object));
}

TEST_F(Objects, ADryRunLeavesNothing) {
  EXPECT_TRUE(
      run(tenant.apply(config_map("dry"),
                       {.field_manager = "raykeep", .force = true, .dry_run = true}, soon()))
          .created);
  EXPECT_FALSE(run(tenant.find(ref("dry"), soon())));
}

TEST_F(Objects, AnotherManagersFieldIsNamedUnlessForced) {
  run(tenant.apply(config_map("owned"), {.field_manager = "somebody"}, soon()));
  auto refused = failure(
      tenant.apply(config_map("owned", "2"), {.field_manager = "raykeep", .force = false}, soon()));
  EXPECT_EQ(refused.kind(), FailureKind::invalid);
  EXPECT_HAS(refused.what(), ".data.a: conflict with \"somebody\"");
  run(tenant.apply(config_map("owned", "2"), {}, soon()));
}

TEST_F(Objects, AnUnknownFieldIsNamed) {
  auto object = config_map("strict");
  object.as_object()["dota"] = {{"a", "b"}};
  auto refused = failure(tenant.create(object, soon()));
  EXPECT_EQ(refused.kind(), FailureKind::invalid);
  EXPECT_HAS(refused.what(), "dota");
}

TEST_F(Objects, AnInvalidFieldIsNamed) {
  auto refused = failure(
      tenant.create(yaml(fmt::format("{{apiVersion: v1, kind: Service, metadata: {{name: x, "
                                     "namespace: {}}}, spec: {{ports: [{{port: 99999}}]}}}}",
                                     ns)),
                    soon()));
  EXPECT_EQ(refused.kind(), FailureKind::invalid);
  EXPECT_HAS(refused.what(), "spec.ports[0].port");
}

TEST_F(Objects, CreateFindReplacePatchAndRemove) {
  auto created = run(tenant.create(config_map("life"), soon()));
  ASSERT_TRUE(created);
  EXPECT_FALSE(run(tenant.create(config_map("life"), soon())));  // already there

  auto changed = *created;
  changed.as_object()["data"] = {{"a", "2"}};
  auto replaced = run(tenant.replace(changed, soon()));
  ASSERT_TRUE(replaced);
  EXPECT_FALSE(run(tenant.replace(changed, soon())));  // an old version

  auto patched = run(tenant.merge_patch(ref("life"), {{"data", {{"b", "3"}}}}, soon()));
  ASSERT_TRUE(patched);
  EXPECT_EQ(doc::find_string(*patched, {"data", "a"}), "2");
  EXPECT_EQ(doc::find_string(*patched, {"data", "b"}), "3");

  EXPECT_FALSE(
      run(tenant.remove(ref("life"), {.uid = "00000000-0000-0000-0000-000000000000"}, soon())));
  EXPECT_FALSE(run(tenant.remove(ref("life"), {.resource_version = version(*created)}, soon())));
  EXPECT_TRUE(run(tenant.remove(ref("life"), {}, soon())));
  EXPECT_FALSE(run(tenant.remove(ref("life"), {}, soon())));
  EXPECT_FALSE(run(tenant.find(ref("life"), soon())));
  EXPECT_FALSE(run(tenant.merge_patch(ref("life"), doc::Object(), soon())));
}

TEST_F(Objects, AListHasAllPages) {
  constexpr int count = 503;  // a page has 500
  for (int i = 0; i < count; ++i) {
    auto object = config_map(fmt::format("page-{:03}", i));
    object.at("metadata").at("labels").as_object()["test"] = "pages";
    ASSERT_TRUE(run(tenant.create(object, soon())));
  }
  auto list = run(tenant.list({"v1", "ConfigMap"}, ns, {.labels = "test=pages"}, soon()));
  EXPECT_EQ(list.items.size(), static_cast<std::size_t>(count));
  EXPECT_EQ(ref_of(list.items.back()).kind, (Kind{"v1", "ConfigMap"}));
}

TEST_F(Objects, AWatchSeesWhatHappens) {
  auto list = run(tenant.list({"v1", "ConfigMap"}, ns, {.labels = "test=watched"}, soon()));
  EXPECT_TRUE(list.items.empty());
  run(tenant.create(config_map("watched"), soon()));
  run(tenant.merge_patch(ref("watched"), {{"data", {{"a", "2"}}}}, soon()));
  run(tenant.remove(ref("watched"), {}, soon()));
  std::string seen;
  EXPECT_TRUE(run(tenant.watch(
      {"v1", "ConfigMap"}, ns, {.labels = "test=watched"}, list.resource_version,
      [&](Event event) {
        seen += "amdb"[static_cast<int>(event.type)];
        return event.type != Event::Type::deleted;
      },
      soon())));
  EXPECT_EQ(seen, "amd");
}

TEST_F(Objects, AWatchFromAVersionLongGoneSaysSo) {
  EXPECT_FALSE(
      run(tenant.watch({"v1", "ConfigMap"}, ns, {}, "1", [](Event) { return true; }, soon())));
}

TEST_F(Objects, AWatchEndsAtItsDeadline) {
  auto list = run(tenant.list({"v1", "ConfigMap"}, ns, {}, soon()));
  EXPECT_TRUE(run(tenant.watch(
      {"v1", "ConfigMap"}, ns, {}, list.resource_version, [](Event) { return true; },
      Deadline::after(clock, std::chrono::seconds(1)))));
}

TEST_F(Objects, AReviewTellsOurRights) {
  auto review =
      run(tenant.create(yaml(fmt::format("{{apiVersion: authorization.k8s.io/v1, kind: "
                                         "SelfSubjectAccessReview, spec: {{resourceAttributes: "
                                         "{{namespace: {}, verb: create, resource: pods}}}}}}",
                                         ns)),
                        soon()));
  ASSERT_TRUE(review);
  EXPECT_TRUE(doc::find(*review, {"status", "allowed"})->as_bool());
}

TEST_F(Objects, AMissingNamespaceIsNamed) {
  auto object = config_map("x");
  object.at("metadata").as_object()["namespace"] = "no-such-namespace";
  EXPECT_HAS(failure(admin.apply(object, {}, soon())).what(),
             "namespace \"no-such-namespace\" does not exist");
}

TEST_F(Objects, ARightThatIsMissingIsNamed) {
  auto refused = failure(tenant.list({"v1", "Node"}, "", {}, soon()));
  EXPECT_EQ(refused.kind(), FailureKind::denied);
  EXPECT_HAS(refused.what(), "cannot list resource \"nodes\"");
  EXPECT_HAS(refused.what(),
             "ask for a ClusterRoleBinding that allows: verb \"list\", resource \"nodes\"");
}

TEST_F(Objects, AQuotaThatIsExceededIsNamed) {
  auto service = [&](const std::string& name) {
    return yaml(
        fmt::format("{{apiVersion: v1, kind: Service, metadata: {{name: {}, namespace: {}}}, spec: "
                    "{{ports: [{{port: 80}}]}}}}",
                    name, ns));
  };
  run(tenant.create(service("one"), soon()));
  auto refused = failure(tenant.create(service("two"), soon()));
  EXPECT_EQ(refused.kind(), FailureKind::denied);
  EXPECT_HAS(refused.what(),
             "exceeded quota: quota, requested: services=1, used: services=1, limited: services=1");
  EXPECT_HAS(refused.what(), "ask for a larger ResourceQuota in namespace " + ns);
}

TEST_F(Objects, WhatPodSecurityRefusesIsNamed) {
  auto refused = failure(tenant.create(
      yaml(fmt::format("{{apiVersion: v1, kind: Pod, metadata: {{name: bad, namespace: {}}}, spec: "
                       "{{containers: [{{name: c, image: x}}]}}}}",
                       ns)),
      soon()));
  EXPECT_EQ(refused.kind(), FailureKind::denied);
  EXPECT_HAS(refused.what(), "violates PodSecurity \"restricted:latest\"");
  EXPECT_HAS(refused.what(), "runAsNonRoot != true");
}

}  // namespace
}  // namespace raykeep::kube
