#include "plan/names.h"

#include <gtest/gtest.h>

namespace raykeep::plan {
namespace {

spec::RayCluster demo() {
  spec::RayCluster cluster;
  cluster.name = "demo";
  return cluster;
}

// Written into clusters that are running: a change here orphans their objects.
TEST(Names, ThatStandInClustersNeverChange) {
  EXPECT_EQ(cluster_label, "raykeep.io/cluster");
  EXPECT_EQ(managed_by_label, "app.kubernetes.io/managed-by");
  EXPECT_EQ(managed_by, "raykeep");
  EXPECT_EQ(field_manager, "raykeep");
  EXPECT_EQ(document_key, "document.yaml");
  EXPECT_EQ(site_key, "site.yaml");
  EXPECT_EQ(generation_annotation, "raykeep.io/generation");
  EXPECT_EQ(keep_annotation, "raykeep.io/keep");
  EXPECT_EQ(config_annotation, "raykeep.io/config-hash");
  EXPECT_EQ(redis_name("demo"), "demo-redis");
  EXPECT_EQ(redis_claim_name("demo"), "demo-redis-data");
  EXPECT_EQ(gcs_redis_name("demo"), "demo-gcs-redis");
  EXPECT_EQ(spec::redis_password_key, "password");
  EXPECT_EQ(owner_name("demo"), "raykeep-raycluster-demo");
  EXPECT_EQ(head_name("demo"), "demo-head");
  EXPECT_EQ(worker_name("demo", "gpu"), "demo-worker-gpu");
  EXPECT_EQ(serve_service_name("demo"), "demo-serve-svc");
  EXPECT_EQ(nodes_service_name("demo"), "demo-nodes");
  EXPECT_EQ(inventory_selector("demo"),
            "app.kubernetes.io/managed-by=raykeep,raykeep.io/cluster=demo");
}

TEST(Names, ThatKubeRaysUsersReadNeverChange) {
  EXPECT_EQ(ray_cluster_label, "ray.io/cluster");
  EXPECT_EQ(ray_node_type_label, "ray.io/node-type");
  EXPECT_EQ(ray_group_label, "ray.io/group");
  EXPECT_EQ(ray_identifier_label, "ray.io/identifier");
  EXPECT_EQ(ray_is_node_label, "ray.io/is-ray-node");
  EXPECT_EQ(ray_serve_label, "ray.io/serve");
  EXPECT_EQ(token_key, "auth_token");
  EXPECT_EQ(ft_enabled_annotation, "ray.io/ft-enabled");
  EXPECT_EQ(storage_namespace_annotation, "ray.io/external-storage-namespace");
  EXPECT_EQ(gcs_claim_name("demo"), "demo-gcs-pvc");
  EXPECT_EQ(head_service_name(demo()), "demo-head-svc");
  EXPECT_EQ(token_secret_name(demo()), "demo");
}

TEST(Names, FollowTheDocumentWhereItNamesThings) {
  spec::RayCluster cluster = demo();
  cluster.auth.secret_name = "mine";
  cluster.head.head_service = doc::Object{{"metadata", doc::Object{{"name", "my-head"}}}};
  EXPECT_EQ(token_secret_name(cluster), "mine");
  EXPECT_EQ(head_service_name(cluster), "my-head");
  EXPECT_EQ(head_fqdn(cluster, "ray", "bank.internal"), "my-head.ray.svc.bank.internal");
}

}  // namespace
}  // namespace raykeep::plan
