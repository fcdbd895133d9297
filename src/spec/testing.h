// For spec's tests: small complete documents, and ways to change one thing in them.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

#include "spec/ray_cluster.h"
#include "spec/site.h"

namespace raykeep::spec {

/// What a command that starts Ray itself must say, besides.
inline const std::string kPorts =
    " --node-manager-port=8077 --object-manager-port=8076 --min-worker-port=10002 "
    "--max-worker-port=10033";

inline constexpr std::string_view kSmallCluster = R"(apiVersion: ray.io/v1
kind: RayCluster
metadata:
  name: demo
spec:
  rayVersion: "2.52.0"
  headGroupSpec:
    rayStartParams:
      dashboard-host: "0.0.0.0"
    template:
      spec:
        containers:
        - name: ray-head
          image: rayproject/ray:2.52.0
          ports:
          - {name: gcs, containerPort: 6379}
          - {name: dashboard, containerPort: 8265}
          resources:
            requests: {cpu: 500m, memory: 2Gi}
            limits: {cpu: "1", memory: 4Gi}
  workerGroupSpecs:
  - groupName: small
    replicas: 2
    minReplicas: 1
    maxReplicas: 5
    rayStartParams: {}
    template:
      metadata: {}
      spec:
        containers:
        - name: ray-worker
          image: rayproject/ray:2.52.0
          resources:
            limits: {cpu: "1", memory: 2Gi}
)";

inline constexpr std::string_view kSmallSite = R"(apiVersion: raykeep.io/v1
kind: Site
metadata:
  name: vault
spec:
  tls:
    mode: none
)";

/// The text with its first `from` replaced. Throws if there is none: the test would prove nothing.
inline std::string replaced(std::string_view text, std::string_view from, std::string_view to) {
  std::string out(text);
  std::size_t at = out.find(from);
  if (at == std::string::npos) throw std::logic_error("not in the sample: " + std::string(from));
  return out.replace(at, from.size(), to);
}

inline std::string without(std::string_view text, std::string_view part) {
  return replaced(text, part, "");
}

/// The text with lines added after the line `after`.
inline std::string with(std::string_view text, std::string_view after, std::string_view more) {
  return replaced(text, after, std::string(after) + std::string(more));
}

inline doc::Document document(std::string_view yaml, const std::string& file) {
  doc::ReadResult read = doc::read_yaml(yaml, file);
  if (!read.findings.empty()) throw std::logic_error(to_string(read.findings[0]));
  return read.documents.at(0);
}

inline ParsedRayCluster parse_cluster(std::string_view yaml) {
  return parse_ray_cluster(document(yaml, "cluster.yaml"));
}
inline ParsedSite parse_site_text(std::string_view yaml) {
  return parse_site(document(yaml, "site.yaml"));
}

/// One finding a line, as the user reads them.
inline std::string lines(const Findings& findings) {
  std::string out;
  for (const Finding& finding : findings) out += to_string(finding) + '\n';
  return out;
}

/// The findings' codes in their order: "RK2001 RK2003".
inline std::string codes_of(const Findings& findings) {
  std::string out;
  for (const Finding& finding : findings) out += (out.empty() ? "" : " ") + finding.code;
  return out;
}
inline std::string codes(std::string_view cluster_yaml) {
  return codes_of(parse_cluster(cluster_yaml).findings);
}
inline std::string site_codes(std::string_view yaml) {
  return codes_of(parse_site_text(yaml).findings);
}

}  // namespace raykeep::spec
