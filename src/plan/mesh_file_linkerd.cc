// policy.linkerd.io: Server v1beta3, AuthorizationPolicy and MeshTLSAuthentication v1alpha1
// (Linkerd 2.16 and newer).
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "plan/mesh_file.h"

namespace raykeep::plan {
namespace {

/// A Server is one port and has no range, so they are made for the ports behind which code is run
/// or state is kept, and not for the many between Ray's nodes.
bool has_server(const MeshTarget::Port& port) {
  constexpr std::array<std::string_view, 7> names{"gcs-server", "dashboard", "client", "serve",
                                                  "serve-grpc", "raykeep",   "redis"};
  return port.single && std::ranges::find(names, port.name) != names.end();
}

doc::Object made(const MeshFileInput& input, std::string_view version, std::string_view kind,
                 const std::string& name, doc::Object spec) {
  return {{"apiVersion", fmt::format("policy.linkerd.io/{}", version)},
          {"kind", kind},
          {"metadata", doc::Object{{"name", name}, {"namespace", input.ns}}},
          {"spec", std::move(spec)}};
}

doc::Object reference(std::string_view kind, const std::string& name) {
  return {{"group", "policy.linkerd.io"}, {"kind", kind}, {"name", name}};
}

/// Identities by reference, because a trust domain is the mesh's own business.
doc::Object clients(const std::set<Caller>& callers) {
  doc::Array references;
  for (const Caller& caller : callers) {
    switch (caller.kind) {
      case Caller::Kind::account:
        references.push_back(doc::Object{
            {"kind", "ServiceAccount"}, {"name", caller.account}, {"namespace", caller.ns}});
        break;
      case Caller::Kind::in_namespace:
        references.push_back(doc::Object{{"kind", "Namespace"}, {"name", caller.ns}});
        break;
      case Caller::Kind::meshed:
        return {{"identities", doc::Array{"*"}}};
    }
  }
  return {{"identityRefs", std::move(references)}};
}

}  // namespace

std::vector<DialectObject> linkerd_objects(const MeshFileInput& input) {
  std::vector<DialectObject> objects;
  for (const MeshTarget& target : mesh_targets(input)) {
    for (const MeshTarget::Port& port : target.ports) {
      if (!has_server(port)) continue;
      const std::string name = fmt::format("{}-{}", target.name, port.number);
      objects.push_back({{fmt::format("{}, port {} ({}): nobody, but for who follows.",
                                      target.about, port.number, port.name)},
                         made(input, "v1beta3", "Server", name,
                              {{"podSelector", doc::Object{{"matchLabels", target.labels}}},
                               {"port", port.number},
                               {"proxyProtocol", "opaque"},
                               {"accessPolicy", "deny"}})});
      if (port.callers.empty()) continue;
      objects.push_back(
          {{"Who may call it."},
           made(input, "v1alpha1", "MeshTLSAuthentication", name, clients(port.callers))});
      objects.push_back({{"They may."},
                         made(input, "v1alpha1", "AuthorizationPolicy", name,
                              {{"targetRef", reference("Server", name)},
                               {"requiredAuthenticationRefs",
                                doc::Array{reference("MeshTLSAuthentication", name)}}})});
    }
  }
  return objects;
}

}  // namespace raykeep::plan
