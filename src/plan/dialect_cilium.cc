// CiliumNetworkPolicy (cilium.io/v2), as in Cilium's pkg/policy/api. Its selectors see a pod's own
// labels, the name of its namespace as io.kubernetes.pod.namespace and the namespace's labels below
// io.cilium.k8s.namespace.labels.
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "flow/controller_flows.h"
#include "plan/dialect.h"
#include "plan/names.h"
#include "plan/object.h"
#include "spec/peers.h"

namespace raykeep::plan {
namespace {

using flow::Flow;
using flow::Role;

doc::Object policy(const DialectInput& input, const std::string& name, doc::Object selector,
                   doc::Array egress) {
  doc::Object made;
  made["apiVersion"] = "cilium.io/v2";
  made["kind"] = "CiliumNetworkPolicy";
  made["metadata"] = doc::Object{{"name", name}, {"namespace", input.ns}};
  made["spec"] =
      doc::Object{{"endpointSelector", std::move(selector)}, {"egress", std::move(egress)}};
  return made;
}

doc::Object port_of(const Flow& flow) {
  doc::Object made{{"port", std::to_string(flow.ports.first)}};
  if (flow.ports.last != flow.ports.first) made["endPort"] = flow.ports.last;
  made["protocol"] = to_string(flow.protocol);
  return made;
}

/// {"toPorts": [{"ports": [...]}]} for rows, each port once.
doc::Array ports_of(const std::vector<Flow>& flows) {
  doc::Array ports;
  for (const Flow& flow : flows) {
    doc::Value port = port_of(flow);
    if (std::ranges::find(ports, port) == ports.end()) ports.push_back(std::move(port));
  }
  return doc::Array{doc::Object{{"ports", std::move(ports)}}};
}

/// The rows to the API server that a NetworkPolicy says at most by address.
std::vector<Flow> rows_to_api_server(const DialectInput& input) {
  std::vector<Flow> rows;
  for (const Flow& flow : input.controller) {
    if (flow.to.role == Role::api_server && !flow.anyone) rows.push_back(flow);
  }
  return rows;
}

doc::Object api_server(const DialectInput& input, const std::vector<Flow>& rows) {
  doc::Object rule{{"toEntities", doc::Array{"kube-apiserver"}}, {"toPorts", ports_of(rows)}};
  doc::Object selector{{"matchLabels", to_object(*flow::controller_peer().pod_labels)}};
  return policy(input, "raykeep-controller-api-server", std::move(selector),
                doc::Array{std::move(rule)});
}

doc::Object endpoints(const spec::Peer& peer) {
  doc::Object labels;
  if (peer.namespace_labels) {
    for (const auto& [key, value] : *peer.namespace_labels) {
      const bool name = key == spec::kNamespaceNameLabel;
      labels[name ? std::string("k8s:io.kubernetes.pod.namespace")
                  : "k8s:io.cilium.k8s.namespace.labels." + key] = value;
    }
  }
  if (peer.pod_labels) {
    for (const auto& [key, value] : *peer.pod_labels) labels["k8s:" + key] = value;
  }
  doc::Object made{{"matchLabels", std::move(labels)}};
  if (peer.namespace_labels && peer.namespace_labels->empty()) {  // every namespace
    made["matchExpressions"] =
        doc::Array{doc::Object{{"key", "k8s:io.kubernetes.pod.namespace"}, {"operator", "Exists"}}};
  }
  return made;
}

/// Cilium learns a name's addresses from the answers that pass its DNS proxy, so the questions must
/// go through a rule for DNS. All names: the pods ask for those of the cluster, too.
doc::Object dns(const std::vector<Flow>& flows) {
  doc::Array pods, addresses;
  for (const spec::Peer& peer : flows.front().peers) {
    if (peer.cidr.empty()) {
      pods.push_back(endpoints(peer));
      continue;
    }
    doc::Object block{{"cidr", peer.cidr}};
    if (!peer.except.empty()) {
      doc::Array except;
      for (const std::string& hole : peer.except) except.emplace_back(hole);
      block["except"] = std::move(except);
    }
    addresses.push_back(std::move(block));
  }
  doc::Object made;
  if (!pods.empty()) made["toEndpoints"] = std::move(pods);
  if (!addresses.empty()) made["toCIDRSet"] = std::move(addresses);
  doc::Array ports = ports_of(flows);
  ports[0].get_object()["rules"] =
      doc::Object{{"dns", doc::Array{doc::Object{{"matchPattern", "*"}}}}};
  made["toPorts"] = std::move(ports);
  return made;
}

doc::Object names_rule(const std::vector<Flow>& flows) {
  doc::Array names;
  for (const spec::Peer& peer : flows.front().peers) {
    if (peer.fqdn.empty()) continue;
    names.push_back(
        doc::Object{{peer.fqdn.starts_with('*') ? "matchPattern" : "matchName", peer.fqdn}});
  }
  doc::Object made;
  made["toFQDNs"] = std::move(names);
  made["toPorts"] = ports_of(flows);
  return made;
}

bool has_name(const Flow& flow) {
  return std::ranges::any_of(flow.peers, [](const spec::Peer& peer) { return !peer.fqdn.empty(); });
}

std::vector<Flow> rows_from_head(const ClusterFlows& cluster, Role to, const std::string& group) {
  std::vector<Flow> rows;
  for (const Flow& flow : cluster.flows) {
    if (flow.from.role == Role::head && flow.to.role == to && flow.to.group == group)
      rows.push_back(flow);
  }
  return rows;
}

/// Egress by name of every Ray pod of the cluster; they all have the same.
void add_names(const DialectInput& input, const ClusterFlows& cluster,
               std::vector<DialectObject>& made) {
  std::vector<std::string> why;
  doc::Array egress;
  for (const spec::Egress& entry : input.site.egress) {
    std::vector<Flow> rows = rows_from_head(cluster, Role::outside, entry.name);
    if (rows.empty() || !has_name(rows.front())) continue;
    why.push_back(fmt::format("{}: {}", entry.name, entry.reason));
    egress.push_back(names_rule(rows));
  }
  if (egress.empty()) return;
  if (std::vector<Flow> rows = rows_from_head(cluster, Role::dns, ""); !rows.empty())
    egress.push_back(dns(rows));
  why.insert(why.begin(), fmt::format("Ray cluster {}: egress by DNS name, which a NetworkPolicy "
                                      "cannot say; DNS goes through Cilium's proxy for it.",
                                      lasting_name(cluster.cluster, cluster.service)));
  doc::Object node_types{
      {"key", ray_node_type_label}, {"operator", "In"}, {"values", doc::Array{"head", "worker"}}};
  doc::Object selector{{"matchLabels", lasting_labels(cluster.cluster, cluster.service)},
                       {"matchExpressions", doc::Array{std::move(node_types)}}};
  made.push_back({std::move(why),
                  policy(input, lasting_name(cluster.cluster, cluster.service) + "-egress-by-name",
                         std::move(selector), std::move(egress))});
}

}  // namespace

std::vector<DialectObject> cilium_policies(const DialectInput& input) {
  std::vector<DialectObject> made;
  if (std::vector<Flow> rows = rows_to_api_server(input); !rows.empty()) {
    made.push_back(
        {{"Raykeep's controller: the way to the API server, which Cilium knows as an entity."},
         api_server(input, rows)});
  }
  for (const ClusterFlows& cluster : input.clusters) add_names(input, cluster, made);
  return made;
}

}  // namespace raykeep::plan
