#include "verify/planned.h"

#include <cstdio>
#include <cstdlib>

#include <fmt/format.h>

#include "control/fields.h"
#include "doc/document.h"

namespace raykeep::verify::testing {
namespace {

constexpr std::string_view document = R"(
apiVersion: ray.io/v1
kind: RayCluster
metadata: {name: demo}
spec:
  rayVersion: "2.60.0"
  headGroupSpec:
    template:
      spec:
        containers:
        - {name: ray-head, image: "lab/ray:2.60.0", resources: {limits: {cpu: "1", memory: 2Gi}}}
  workerGroupSpecs:
  - &group
    groupName: cpu
    replicas: 1
    template:
      spec:
        containers:
        - {name: ray-worker, image: "lab/ray:2.60.0", resources: {limits: {cpu: "1", memory: 2Gi}}}
  - {<<: *group, groupName: gpu, rayStartParams: {object-manager-port: "9076"}}
)";

constexpr std::string_view site = R"(
apiVersion: raykeep.io/v1
kind: Site
metadata: {name: bank}
spec:
  tls: {mode: none}
  images: {redis: "lab/redis:7"}
  redis: {managed: {size: 1Gi}}
  peers:
    monitoring: [{name: prometheus, namespaceLabels: {team: ops, env: prod}, podLabels: {app: prometheus}}]
    ingress: [{name: callers, podLabels: {app: caller}}]
    submitters: [{name: desks, cidr: 10.20.0.0/16, except: [10.20.7.0/24]}]
  egress:
  - {name: models, reason: model weights, to: [{name: store, cidr: 10.9.8.7/32}], ports: [9000]}
)";

[[noreturn]] void give_up(const Findings& findings) {
  for (const Finding& finding : findings) fmt::print(stderr, "{}\n", to_string(finding));
  std::abort();
}

doc::Document read(std::string text) {
  doc::ReadResult result = doc::read_yaml(std::move(text), "test");
  if (has_errors(result.findings) || result.documents.size() != 1) give_up(result.findings);
  return std::move(result.documents[0]);
}

}  // namespace

Planned planned(std::string_view more) {
  spec::ParsedRayCluster cluster = spec::parse_ray_cluster(read(std::string(document)));
  if (!cluster.cluster || has_errors(cluster.findings)) give_up(cluster.findings);
  spec::ParsedSite parsed = spec::parse_site(read(std::string(site) + std::string(more)));
  if (!parsed.site || has_errors(parsed.findings)) give_up(parsed.findings);
  plan::Plan plan =
      plan::plan(*cluster.cluster, *parsed.site, {.ns = "ray", .generation = "test", .token = ""});
  if (has_errors(plan.findings)) give_up(plan.findings);
  return {std::move(*cluster.cluster), std::move(*parsed.site), std::move(plan)};
}

std::vector<doc::Value> policies_of(const plan::Plan& plan) {
  std::vector<doc::Value> policies;
  for (const doc::Value& object : plan.objects) {
    if (control::kind_of(object) == "NetworkPolicy") policies.push_back(object);
  }
  return policies;
}

doc::Value pod(std::string_view name, std::string_view role, std::string_view group,
               std::string_view ip, std::string_view node) {
  doc::Object labels;
  if (!role.empty()) {
    labels = {
        {"raykeep.io/cluster", "demo"}, {"ray.io/cluster", "demo"}, {"ray.io/node-type", role}};
    if (!group.empty()) labels["ray.io/group"] = group;
  }
  doc::Object container{{"name", "ray"}, {"command", doc::Array{"/raykeep/raykeep", "node"}}};
  return doc::Object{
      {"kind", "Pod"},
      {"metadata",
       doc::Object{{"name", name}, {"namespace", "ray"}, {"labels", std::move(labels)}}},
      {"spec", doc::Object{{"nodeName", node}, {"containers", doc::Array{std::move(container)}}}},
      {"status", doc::Object{{"phase", "Running"}, {"podIP", ip}}}};
}

}  // namespace raykeep::verify::testing
