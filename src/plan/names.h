// Names, labels and annotations that Raykeep writes into a cluster.
// PERSISTED: changing one orphans objects that are already there; names_test.cc pins them.
#pragma once

#include <string>
#include <string_view>

#include "spec/ray_cluster.h"

namespace raykeep::plan {

// --- Raykeep's inventory: on every object it makes.
inline constexpr std::string_view cluster_label = "raykeep.io/cluster";
inline constexpr std::string_view managed_by_label = "app.kubernetes.io/managed-by";
inline constexpr std::string_view managed_by = "raykeep";
inline constexpr std::string_view field_manager = "raykeep";
inline constexpr std::string_view document_key = "document.yaml";  // in the owner ConfigMap's data
inline constexpr std::string_view site_key = "site.yaml";
inline constexpr std::string_view service_key = "service.yaml";  // the RayService it was made from
inline constexpr std::string_view generation_annotation = "raykeep.io/generation";
inline constexpr std::string_view keep_annotation = "raykeep.io/keep";
inline constexpr std::string_view config_annotation = "raykeep.io/config-hash";
inline constexpr std::string_view plan_annotation = "raykeep.io/plan-hash";

// --- KubeRay's, kept because users, dashboards and Ray itself read them
// (ray-operator/controllers/ray/utils/constant.go).
inline constexpr std::string_view ray_cluster_label = "ray.io/cluster";
inline constexpr std::string_view ray_node_type_label = "ray.io/node-type";
inline constexpr std::string_view ray_group_label = "ray.io/group";
inline constexpr std::string_view ray_identifier_label = "ray.io/identifier";
inline constexpr std::string_view ray_is_node_label = "ray.io/is-ray-node";
inline constexpr std::string_view ray_serve_label = "ray.io/serve";
inline constexpr std::string_view serves = "true";  // its values on pods
inline constexpr std::string_view serves_not = "false";
inline constexpr std::string_view token_key = "auth_token";
inline constexpr std::string_view ft_enabled_annotation = "ray.io/ft-enabled";
inline constexpr std::string_view storage_namespace_annotation =
    "ray.io/external-storage-namespace";

// --- Of the namespace, not of a cluster: who signs with tls.mode: native.
inline constexpr std::string_view signer_name = "raykeep-signer";  // the controller's Service
inline constexpr std::string_view authority_name = "raykeep-ca";   // Secret and ConfigMap

// --- Keys of kubernetes.io/tls Secrets.
inline constexpr std::string_view certificate_key = "tls.crt";
inline constexpr std::string_view private_key_key = "tls.key";
inline constexpr std::string_view authority_key = "ca.crt";

/// $HOME of the Ray container. Not the image's own: the official Ray images keep Python and Ray
/// below /home/ray, which a volume there would hide.
inline constexpr std::string_view home_folder = "/home/raykeep";

std::string owner_name(const std::string& cluster);          // raykeep-raycluster-<c>
std::string service_owner_name(const std::string& service);  // raykeep-rayservice-<s>
std::string head_name(
    const std::string& cluster);  // <c>-head: StatefulSet, policy, PodDisruptionBudget
std::string worker_name(const std::string& cluster, const std::string& group);  // <c>-worker-<g>
std::string head_service_name(
    const spec::RayCluster& cluster);  // <c>-head-svc or headService.metadata.name
std::string head_service_name(const std::string& service);  // of a RayService: <s>-head-svc
std::string serve_service_name(
    const std::string& cluster);  // <c>-serve-svc, of a RayService's cluster <s>-serve-svc
std::string nodes_service_name(const std::string& cluster);      // <c>-nodes
std::string token_secret_name(const spec::RayCluster& cluster);  // <c>, or authOptions.secretName
std::string redis_name(const std::string& cluster);        // <c>-redis: all of a managed Redis
std::string redis_claim_name(const std::string& cluster);  // <c>-redis-data
std::string gcs_claim_name(const std::string& cluster);    // <c>-gcs-pvc, as KubeRay's
std::string gcs_redis_name(const std::string& cluster);    // <c>-gcs-redis: the agent's ConfigMap,
                                                           // the Secret of a document's password
std::string head_fqdn(const spec::RayCluster& cluster, const std::string& ns,
                      const std::string& cluster_domain);

/// By which labels, and under which name, whoever writes rules that last finds the pods of a
/// cluster: of a RayService's those of all its clusters, since each upgrade brings another one.
std::string lasting_name(const std::string& cluster, const std::string& service);
doc::Object lasting_labels(const std::string& cluster, const std::string& service);

/// Labels that tell our objects from everybody else's: managed-by and cluster.
std::string inventory_selector(
    const std::string& cluster);  // "app.kubernetes.io/managed-by=raykeep,raykeep.io/cluster=<c>"

}  // namespace raykeep::plan
