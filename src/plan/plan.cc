#include "plan/plan.h"

#include "plan/controllers.h"
#include "plan/network_policy.h"
#include "plan/object.h"
#include "plan/owner.h"
#include "plan/services.h"
#include "plan/site_fit.h"

namespace raykeep::plan {
namespace {

/// On where the document says so, and where it says nothing and Ray can (2.52): KubeRay's
/// documentation calls token the default, Ray 2.61 makes it one.
bool uses_token(const spec::RayCluster& cluster) {
  if (cluster.auth.mode != spec::AuthMode::unset) return cluster.auth.mode == spec::AuthMode::token;
  auto version = spec::parse_ray_version(cluster.ray_version);
  return version && *version >= spec::RayVersion{2, 52, 0};
}

}  // namespace

Plan plan(const spec::RayCluster& cluster, const spec::Site& site, const PlanOptions& options) {
  Plan made;
  made.ns = options.ns.empty() ? cluster.ns : options.ns;
  made.cluster = cluster.name;
  made.flows = flow::flow_table(cluster, site);
  const bool token = uses_token(cluster);
  if (token) made.token_secret = token_secret_name(cluster);
  made.token_secret_is_users = token && !cluster.auth.secret_name.empty();
  const Input input{cluster, site, made.ns, made.flows, token};
  made.findings = site_fit(input);

  made.objects.push_back(owner(input));
  for (doc::Value& policy : network_policies(input)) made.objects.push_back(std::move(policy));
  if (token && !made.token_secret_is_users && !options.token.empty()) {
    made.objects.push_back(token_secret(input, options.token));
  }
  made.objects.push_back(head_service(input));
  if (auto service = serve_service(input)) made.objects.push_back(std::move(*service));
  for (doc::Value& budget : disruption_budgets(input)) made.objects.push_back(std::move(budget));
  made.objects.push_back(head_stateful_set(input));
  for (const spec::WorkerGroup& group : cluster.workers) {
    made.objects.push_back(worker_deployment(input, group));
  }
  return made;
}

}  // namespace raykeep::plan
