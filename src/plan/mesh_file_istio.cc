// security.istio.io/v1 and networking.istio.io/v1 (Istio 1.22 and newer).
#include <algorithm>
#include <map>
#include <optional>

#include <fmt/format.h>

#include "plan/mesh.h"
#include "plan/mesh_file.h"
#include "plan/names.h"
#include "plan/object.h"
#include "spec/peers.h"

namespace raykeep::plan {
namespace {

using spec::Mesh;

doc::Object made(const MeshFileInput& input, std::string_view api, std::string_view kind,
                 const std::string& name, doc::Object spec) {
  return {{"apiVersion", api},
          {"kind", kind},
          {"metadata", doc::Object{{"name", name}, {"namespace", input.ns}}},
          {"spec", std::move(spec)}};
}

doc::Object selector(const doc::Object& labels) {
  return {{"selector", doc::Object{{"matchLabels", labels}}}};
}

/// "cluster.local" stands for the mesh's trust domain, whatever it is called.
doc::Object source(const Caller& caller) {
  switch (caller.kind) {
    case Caller::Kind::account:
      return {{"principals",
               doc::Array{fmt::format("cluster.local/ns/{}/sa/{}", caller.ns, caller.account)}}};
    case Caller::Kind::in_namespace:
      return {{"namespaces", doc::Array{doc::Value(caller.ns)}}};
    case Caller::Kind::meshed:
      return {{"principals", doc::Array{"*"}}};
  }
  return {};
}

doc::Object strict(const MeshFileInput& input, const MeshTarget& target) {
  doc::Object spec = selector(target.labels);
  spec["mtls"] = doc::Object{{"mode", "STRICT"}};
  return made(input, "security.istio.io/v1", "PeerAuthentication", target.name, std::move(spec));
}

/// One rule for each set of callers. ALLOW without rules lets nobody in.
doc::Object allow(const MeshFileInput& input, const MeshTarget& target) {
  std::map<std::set<Caller>, std::vector<int>> by_callers;
  for (const MeshTarget::Port& port : target.ports) {
    if (!port.callers.empty()) by_callers[port.callers].push_back(port.number);
  }
  doc::Array rules;
  for (const auto& [callers, numbers] : by_callers) {
    doc::Array from, ports;
    for (const Caller& each : callers) from.push_back(doc::Object{{"source", source(each)}});
    for (int number : numbers) ports.emplace_back(std::to_string(number));
    doc::Object operation{{"operation", doc::Object{{"ports", std::move(ports)}}}};
    rules.push_back(
        doc::Object{{"from", std::move(from)}, {"to", doc::Array{std::move(operation)}}});
  }
  doc::Object spec = selector(target.labels);
  spec["action"] = "ALLOW";
  if (!rules.empty()) spec["rules"] = std::move(rules);
  return made(input, "security.istio.io/v1", "AuthorizationPolicy", target.name, std::move(spec));
}

doc::Object rule(const MeshFileInput& input, const std::string& name, const std::string& host,
                 std::string_view mode) {
  return made(input, "networking.istio.io/v1", "DestinationRule", name,
              {{"host", host},
               {"trafficPolicy", doc::Object{{"tls", doc::Object{{"mode", mode}}}}},
               {"exportTo", doc::Array{"."}}});
}

/// Without it a proxy sends plaintext to a pod that has lost its sidecar.
void mutual(const MeshFileInput& input, const Plan& plan, std::vector<DialectObject>& objects) {
  for (const doc::Value& object : plan.objects) {
    const std::string name(doc::find_string(object, {"metadata", "name"}));
    if (doc::find_string(object, {"kind"}) != "Service") continue;
    objects.push_back(
        {{fmt::format("Service {}: the namespace's proxies call it with the mesh's certificate or "
                      "not at all.",
                      name)},
         rule(input, name, fmt::format("{}.{}.svc.{}", name, input.ns, input.site.cluster_domain),
              "ISTIO_MUTUAL")});
  }
}

/// A name's host, in full where it is a Service's: "redis.data" is redis.data.svc.cluster.local.
std::string full_host(const MeshFileInput& input, const std::string& host) {
  const auto dots = std::ranges::count(host, '.');
  if (dots == 0) return fmt::format("{}.{}.svc.{}", host, input.ns, input.site.cluster_domain);
  if (dots == 1) return fmt::format("{}.svc.{}", host, input.site.cluster_domain);
  if (host.ends_with(".svc")) return fmt::format("{}.{}", host, input.site.cluster_domain);
  return host;
}

bool is_name(const std::string& host) {
  return host.find_first_not_of("0123456789.") != std::string::npos && !host.contains(':');
}

/// Redis' own TLS, which a mesh-wide rule for mutual TLS would wrap into another that Redis does
/// not speak. Never for a Redis without TLS: that would be plaintext on purpose.
void redis(const MeshFileInput& input, const Plan& plan, std::vector<DialectObject>& objects) {
  if (redis_with_own_tls(plan.storage, input.site).empty()) return;
  std::vector<spec::RedisAddress> addresses = plan.storage.addresses;
  if (plan.storage.sentinel) addresses = plan.storage.sentinel->addresses;
  std::set<std::string> hosts;
  for (const spec::RedisAddress& each : addresses) {
    const std::string host = full_host(input, each.host);
    if (!is_name(each.host) || !hosts.insert(host).second) continue;
    objects.push_back(
        {{fmt::format("Ray cluster {}: Redis {} is outside of the mesh and has TLS of its own, "
                      "which passes as it is.",
                      plan.cluster, host)},
         rule(input, fmt::format("{}-redis-outside-{}", plan.cluster, hosts.size()), host,
              "DISABLE")});
  }
}

/// The namespaces whose Services the cluster's pods call; nothing when one of them is not named.
std::optional<std::set<std::string>> called_namespaces(const MeshFileInput& input,
                                                       const Plan& plan) {
  std::set<std::string> names;
  for (const flow::Flow& flow : plan.flows) {
    const bool ours = flow.from.role == flow::Role::head || flow.from.role == flow::Role::worker;
    if (!ours) continue;
    if (flow.anyone) return std::nullopt;
    for (const spec::Peer& peer : flow.peers) {
      if (!peer.namespace_labels) continue;
      const std::string* name = spec::named_namespace(peer);
      if (name == nullptr) return std::nullopt;
      if (*name != input.ns) names.insert(*name);
    }
  }
  return names;
}

void scope(const MeshFileInput& input, const Plan& plan, std::vector<DialectObject>& objects) {
  std::optional<std::set<std::string>> called = called_namespaces(input, plan);
  if (!called) return;
  doc::Array hosts{"./*"};
  for (const std::string& name : *called) hosts.emplace_back(name + "/*");
  doc::Object labels = lasting_labels(plan.cluster, plan.service);
  const std::string name_of_all = lasting_name(plan.cluster, plan.service);
  objects.push_back(
      {{fmt::format("Ray cluster {}: its proxies learn of the Services of these namespaces alone, "
                    "which saves memory; ServiceEntries of other namespaces are not among them.",
                    name_of_all)},
       made(input, "networking.istio.io/v1", "Sidecar", name_of_all,
            {{"workloadSelector", doc::Object{{"labels", std::move(labels)}}},
             {"egress", doc::Array{doc::Object{{"hosts", std::move(hosts)}}}}})});
}

}  // namespace

std::vector<DialectObject> istio_objects(const MeshFileInput& input) {
  std::vector<DialectObject> objects;
  for (const MeshTarget& target : mesh_targets(input)) {
    objects.push_back({{target.about + ": no plaintext, whatever the mesh's default is."},
                       strict(input, target)});
    std::vector<std::string> why{target.about + ": who may call which port."};
    if (target.refuses_addresses)
      why.emplace_back(
          "The Site also lets callers in by address; without a certificate they are "
          "refused here.");
    objects.push_back({std::move(why), allow(input, target)});
  }
  if (input.site.mesh != Mesh::istio_sidecar) return objects;
  for (const Plan* plan : input.plans) {
    mutual(input, *plan, objects);
    redis(input, *plan, objects);
    scope(input, *plan, objects);
  }
  return objects;
}

}  // namespace raykeep::plan
