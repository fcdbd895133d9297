#include "plan/plan.h"

#include "plan/air_gap.h"
#include "plan/claims.h"
#include "plan/controllers.h"
#include "plan/generation.h"
#include "plan/managed_redis.h"
#include "plan/mesh.h"
#include "plan/mesh_fit.h"
#include "plan/network_policy.h"
#include "plan/object.h"
#include "plan/owner.h"
#include "plan/redis_road.h"
#include "plan/services.h"
#include "plan/site_fit.h"

namespace raykeep::plan {
namespace {

bool makes_gcs_claim(const spec::Storage& storage) {
  return storage.backend == spec::Storage::Backend::rocksdb && storage.volume.claim_name.empty();
}

std::vector<PlannedSecret> secrets(const Input& input) {
  using Kind = PlannedSecret::Kind;
  const std::string& cluster = input.cluster.name;
  if (input.storage.backend == spec::Storage::Backend::managed_redis) {
    return {{Kind::managed_redis, redis_name(cluster), {}, managed_redis_names(input)}};
  }
  const spec::Credential& password = input.storage.password;
  bool refers =
      password.from && !password.from->config_map && password.from->name == gcs_redis_name(cluster);
  if (!input.storage.is_redis() || (password.literal.empty() && !refers)) return {};
  return {{Kind::document_password, gcs_redis_name(cluster), password.literal, {}}};
}

}  // namespace

bool uses_token(const spec::RayCluster& cluster) {
  if (cluster.auth.mode != spec::AuthMode::unset) return cluster.auth.mode == spec::AuthMode::token;
  auto version = spec::parse_ray_version(cluster.ray_version);
  return version && *version >= spec::RayVersion{2, 52, 0};
}

Plan plan(const spec::RayCluster& cluster, const spec::Site& site, const PlanOptions& options) {
  Plan made;
  made.ns = options.ns.empty() ? cluster.ns : options.ns;
  made.cluster = cluster.name;
  made.service = cluster.service;
  made.flows = flow::flow_table(cluster, site);
  const bool token = uses_token(cluster);
  if (token) made.token_secret = token_secret_name(cluster);
  made.token_secret_is_users = token && !cluster.auth.secret_name.empty();
  made.storage = spec::storage_of(cluster, site);
  made.storage_namespace = storage_namespace(
      made.storage, made.ns, made.cluster,
      options.generation.empty() ? generation_placeholder : std::string_view(options.generation));
  const Input input{cluster, site, made.ns, made.flows, made.storage, made.storage_namespace,
                    token};
  made.secrets = secrets(input);
  made.findings = site_fit(input);

  made.objects.push_back(owner(input, options.generation));
  for (doc::Value& policy : network_policies(input)) made.objects.push_back(std::move(policy));
  if (token && !made.token_secret_is_users && !options.token.empty()) {
    made.objects.push_back(token_secret(input, options.token));
  }
  if (made.storage.is_redis()) made.objects.push_back(redis_road_config(input));
  for (doc::Value& each : managed_redis_objects(input)) made.objects.push_back(std::move(each));
  if (makes_gcs_claim(made.storage)) {
    made.objects.push_back(volume_claim(input, gcs_claim_name(cluster.name), made.storage.volume));
  }
  made.objects.push_back(head_service(input));
  if (auto service = serve_service(input)) made.objects.push_back(std::move(*service));
  for (doc::Value& service : mesh_services(input)) made.objects.push_back(std::move(service));
  for (doc::Value& budget : disruption_budgets(input)) made.objects.push_back(std::move(budget));
  if (made.storage.backend == spec::Storage::Backend::managed_redis) {
    made.objects.push_back(redis_stateful_set(input));
  }
  made.objects.push_back(head_stateful_set(input));
  for (const spec::WorkerGroup& group : cluster.workers) {
    made.objects.push_back(worker_deployment(input, group));
  }
  for (Finding& each : mesh_fit(input, made.objects)) made.findings.push_back(std::move(each));
  for (Finding& each : air_gap_findings(site, made.objects))
    made.findings.push_back(std::move(each));
  return made;
}

}  // namespace raykeep::plan
