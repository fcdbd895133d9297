#include "plan/site_fit.h"

#include <fmt/format.h>

#include "flow/ports.h"

namespace raykeep::plan {

Findings site_fit(const Input& input) {
  Findings findings;
  auto add = [&](Severity severity, const char* code, std::string path, std::string what,
                 std::string remedy) {
    findings.push_back({severity, code, {}, std::move(path), std::move(what), std::move(remedy)});
  };
  if (input.ns.empty()) {
    add(Severity::error, no_namespace, "metadata.namespace", "no namespace is given",
        "write metadata.namespace or pass --namespace");
  }
  if (input.site.tls_mode != spec::TlsMode::none) {
    add(Severity::error, tls_not_yet, "spec.tls.mode",
        "this release of Raykeep cannot encrypt Ray's traffic by itself or with a mesh yet",
        "write mode: none, and let the network between the nodes encrypt");
  }
  if (!input.token) {
    add(Severity::warning, no_token, "spec.authOptions",
        "Ray runs without token authentication: whoever reaches a port of it runs code in it",
        "use Ray 2.52 or newer, say so in spec.rayVersion, and leave authOptions.mode at token");
  }
  if (std::size_t size = doc::write_json(doc::Value(input.cluster.document)).size();
      size > 900'000) {
    add(Severity::error, document_too_big, "",
        fmt::format("the document has {} bytes and does not fit into a ConfigMap of 1 MiB", size),
        "move large values into ConfigMaps of their own and mount them");
  }
  if (!input.site.end_port) {
    for (const spec::WorkerGroup& group : input.cluster.workers) {
      const auto range = flow::node_ports(group, false).worker;
      if (range.last - range.first < 1000) continue;
      add(Severity::warning, many_ports, fmt::format("group {}", group.name),
          fmt::format("{} worker ports are written one by one into each policy",
                      range.last - range.first + 1),
          "narrow min-worker-port and max-worker-port, or set networkPolicy.endPort if the "
          "enforcer knows ranges");
    }
  }
  return findings;
}

}  // namespace raykeep::plan
