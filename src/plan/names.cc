#include "plan/names.h"

#include <fmt/format.h>

#include "spec/ray_service.h"

namespace raykeep::plan {

std::string owner_name(const std::string& cluster) { return "raykeep-raycluster-" + cluster; }

std::string service_owner_name(const std::string& service) {
  return "raykeep-rayservice-" + service;
}

std::string head_service_name(const std::string& service) { return service + "-head-svc"; }

std::string head_name(const std::string& cluster) { return cluster + "-head"; }

std::string worker_name(const std::string& cluster, const std::string& group) {
  return cluster + "-worker-" + group;
}

std::string head_service_name(const spec::RayCluster& cluster) {
  if (cluster.head.head_service) {
    std::string_view name = doc::find_string(*cluster.head.head_service, {"metadata", "name"});
    if (!name.empty()) return std::string(name);
  }
  return cluster.name + "-head-svc";
}

std::string serve_service_name(const std::string& cluster) { return cluster + "-serve-svc"; }

std::string nodes_service_name(const std::string& cluster) { return cluster + "-nodes"; }

std::string token_secret_name(const spec::RayCluster& cluster) {
  return cluster.auth.secret_name.empty() ? cluster.name : cluster.auth.secret_name;
}

std::string redis_name(const std::string& cluster) { return cluster + "-redis"; }

std::string redis_claim_name(const std::string& cluster) { return cluster + "-redis-data"; }

std::string gcs_claim_name(const std::string& cluster) { return cluster + "-gcs-pvc"; }

std::string gcs_redis_name(const std::string& cluster) {
  return spec::document_redis_secret(cluster);
}

std::string head_fqdn(const spec::RayCluster& cluster, const std::string& ns,
                      const std::string& cluster_domain) {
  return fmt::format("{}.{}.svc.{}", head_service_name(cluster), ns, cluster_domain);
}

std::string lasting_name(const std::string& cluster, const std::string& service) {
  return service.empty() ? cluster : service;
}

doc::Object lasting_labels(const std::string& cluster, const std::string& service) {
  if (service.empty()) return {{ray_cluster_label, cluster}};
  return {{spec::origin_kind_label, spec::ray_service_kind}, {spec::origin_name_label, service}};
}

std::string inventory_selector(const std::string& cluster) {
  return fmt::format("{}={},{}={}", managed_by_label, managed_by, cluster_label, cluster);
}

}  // namespace raykeep::plan
