#include "plan/network_policy.h"

#include "plan/policy_rules.h"

namespace raykeep::plan {
namespace {

using flow::End;
using flow::Role;

doc::Value policy(const Input& input, const End& here, const std::string& name) {
  auto direction = [&](bool ingress) {
    return policy_rules(input.flows, here,
                        {.ingress = ingress,
                         .end_port = input.site.end_port,
                         .selector = [&input](Role role, const std::string& group) {
                           return pod_selector(input.cluster, role, group);
                         }});
  };
  doc::Object spec;
  spec["podSelector"] =
      doc::Object{{"matchLabels", pod_selector(input.cluster, here.role, here.group)}};
  spec["policyTypes"] = doc::Array{"Ingress", "Egress"};
  spec["ingress"] = direction(true);
  spec["egress"] = direction(false);
  doc::Object made = object(input, "networking.k8s.io/v1", "NetworkPolicy", name);
  made["spec"] = std::move(spec);
  return made;
}

}  // namespace

std::vector<doc::Value> network_policies(const Input& input) {
  std::vector<doc::Value> made;
  made.push_back(policy(input, {Role::head, ""}, head_name(input.cluster.name)));
  for (const spec::WorkerGroup& group : input.cluster.workers) {
    made.push_back(
        policy(input, {Role::worker, group.name}, worker_name(input.cluster.name, group.name)));
  }
  if (input.storage.backend == spec::Storage::Backend::managed_redis) {
    made.push_back(policy(input, {Role::redis, ""}, redis_name(input.cluster.name)));
  }
  return made;
}

}  // namespace raykeep::plan
