// For report's tests: a whole cluster with its plan, from a document and a Site.
#pragma once

#include <algorithm>
#include <string_view>

#include "plan/plan.h"
#include "report/input.h"
#include "spec/testing.h"

namespace raykeep::report {

inline constexpr std::string_view kTwoGroups = R"(apiVersion: ray.io/v1
kind: RayCluster
metadata: {name: demo}
spec:
  rayVersion: 2.60.0
  headGroupSpec:
    rayStartParams: {num-cpus: "0"}
    template:
      spec:
        containers:
        - name: ray-head
          image: rayproject/ray:2.60.0
          resources: {limits: {cpu: "1", memory: 4Gi}}
  workerGroupSpecs:
  - groupName: cpu
    replicas: 3
    maxReplicas: 4
    rayStartParams: {}
    template:
      spec:
        containers:
        - name: ray-worker
          image: rayproject/ray@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
          resources: {limits: {cpu: "4", memory: 16Gi}}
  - groupName: gpu
    replicas: 1
    maxReplicas: 1
    rayStartParams: {object-manager-port: "9076"}
    template:
      spec:
        containers:
        - name: ray-worker
          image: rayproject/ray:2.60.0-gpu
          resources: {limits: {cpu: "4", memory: 16Gi}}
)";

inline constexpr std::string_view kBankSite = R"(apiVersion: raykeep.io/v1
kind: Site
metadata: {name: bank}
spec:
  tls: {mode: none}
  images: {registry: registry.bank.example/mirror, pullSecrets: [bank-registry]}
  pods: {serviceAccountName: workload}
  peers:
    monitoring: [{name: prometheus, namespace: monitoring, podLabels: {app: prometheus}}]
    ingress: [{name: gateway, namespace: ingress}]
    submitters: [{name: ci, podLabels: {app: ci}}, {name: admins, cidr: 10.9.0.0/24}]
    clients: [{name: notebooks, namespaceLabels: {team: science}}]
  egress:
  - name: models
    reason: model weights are read from the object store
    to: [{cidr: 10.20.0.0/16, except: [10.20.1.0/24]}]
    ports: [443]
)";

inline constexpr std::string_view kManagedSite = R"(apiVersion: raykeep.io/v1
kind: Site
metadata: {name: bank}
spec:
  tls: {mode: none}
  images: {registry: registry.bank.example/mirror}
  redis: {managed: {}}
)";

inline constexpr std::string_view kOldEnforcerSite = R"(apiVersion: raykeep.io/v1
kind: Site
metadata: {name: bank}
spec:
  tls: {mode: none}
  networkPolicy: {endPort: false}
)";

/// Throws where document or Site are not good.
struct Sample {
  Sample(std::string_view document, std::string_view site_text) {
    auto parsed_site = spec::parse_site_text(site_text);
    if (has_errors(parsed_site.findings)) throw std::logic_error(spec::lines(parsed_site.findings));
    site = std::move(*parsed_site.site);
    site.raykeep_image = "raykeep:X.Y.Z";  // the next release is no difference
    auto parsed = spec::parse_cluster(document);
    if (has_errors(parsed.findings)) throw std::logic_error(spec::lines(parsed.findings));
    cluster = std::move(*parsed.cluster);
    plan = plan::plan(cluster, site, {.ns = "ray", .generation = "static", .token = ""});
  }

  const flow::Flow& flow(std::string_view id) const {
    auto found = std::ranges::find(plan.flows, id, &flow::Flow::id);
    if (found == plan.flows.end()) throw std::logic_error("no flow " + std::string(id));
    return *found;
  }
  Input input() const {
    return {.plan = plan,
            .cluster = cluster,
            .site = site,
            .program = "X.Y.Z",
            .at = "2026-11-27T07:30:00Z"};
  }

  spec::Site site;
  spec::RayCluster cluster;
  plan::Plan plan;
};

}  // namespace raykeep::report
