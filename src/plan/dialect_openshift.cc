// AdminNetworkPolicy (policy.networking.k8s.io/v1alpha1): what an administrator's own
// AdminNetworkPolicy must not deny. The action is Pass, not Allow: the namespace's NetworkPolicies
// go on deciding, exact to the pod, so these rules may name a port once for all pods of a cluster
// and leave out exceptions of a block without opening anything.
//
// Limits of the API (network-policy-api v0.1.7): 100 rules of a direction, 100 ports of a rule, 25
// networks of a peer; who calls in is pods, never addresses.
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

using flow::End;
using flow::Flow;
using flow::Role;

constexpr std::size_t most_ports = 100;
constexpr std::size_t most_rules = 100;
/// Smaller numbers win. The one that denies must have a greater one.
constexpr int first_priority = 10;

doc::Object own_namespace(const std::string& ns) {
  return {{"matchLabels", doc::Object{{spec::kNamespaceNameLabel, ns}}}};
}

doc::Object pods_peer(doc::Object namespaces, const doc::Object& labels) {
  doc::Object selector;
  if (!labels.empty()) selector["matchLabels"] = labels;
  return {{"pods", doc::Object{{"namespaceSelector", std::move(namespaces)},
                               {"podSelector", std::move(selector)}}}};
}

doc::Object labelled(const spec::StringMap& labels) {
  doc::Object made;
  if (!labels.empty()) made["matchLabels"] = to_object(labels);
  return made;
}

doc::Object port_of(const Flow& flow) {
  const std::string_view protocol = to_string(flow.protocol);
  if (flow.ports.first == flow.ports.last)
    return {{"portNumber", doc::Object{{"protocol", protocol}, {"port", flow.ports.first}}}};
  return {
      {"portRange",
       doc::Object{{"protocol", protocol}, {"start", flow.ports.first}, {"end", flow.ports.last}}}};
}

/// All that the subject's pods have to do with one far end.
struct Talk {
  std::string name;
  doc::Array peers;
  doc::Array ports;
  bool addresses_left_out = false;
};

class Subject {
 public:
  Subject(const DialectInput& input, doc::Object labels, const std::vector<Flow>& flows,
          bool is_controller)
      : input_(input), labels_(std::move(labels)), flows_(flows), is_controller_(is_controller) {}

  std::vector<doc::Array> rules(bool ingress) {
    std::vector<Talk> talks;
    for (const Flow& flow : flows_) {
      if (!is_own(ingress ? flow.to : flow.from, flow)) continue;
      const End& far = ingress ? flow.from : flow.to;
      const std::string name = name_of(far, flow);
      auto known = std::ranges::find(talks, name, &Talk::name);
      if (known == talks.end()) known = talks.insert(talks.end(), talk(name, flow, ingress));
      doc::Value port = port_of(flow);
      if (std::ranges::find(known->ports, port) == known->ports.end())
        known->ports.push_back(std::move(port));
    }
    std::vector<doc::Array> chunks(1);
    for (const Talk& each : talks) {
      if (each.addresses_left_out) left_out_.push_back(each.name);
      if (each.peers.empty()) continue;
      for (std::size_t first = 0; first < each.ports.size(); first += most_ports) {
        if (chunks.back().size() == most_rules) chunks.emplace_back();
        chunks.back().push_back(rule(each, first, ingress));
      }
    }
    return chunks;
  }

  /// Who calls in from addresses, which these policies cannot say.
  const std::vector<std::string>& left_out() const { return left_out_; }

 private:
  /// Ends whose pods carry the subject's labels.
  bool is_own(const End& end, const Flow& flow) const {
    if (is_controller_) return end.role == Role::controller;
    if (end.role == Role::head || end.role == Role::worker) return true;
    // A Redis of ours; somebody else's has peers and is called, never calls.
    return end.role == Role::redis && (flow.peers.empty() || flow.from.role != Role::head);
  }

  std::string name_of(const End& far, const Flow& flow) const {
    if (flow.peers.empty() && !flow.anyone) return "the cluster's own pods";
    const std::string role(flow::to_string(far.role));
    return far.group.empty() ? role : fmt::format("{} {}", role, far.group);
  }

  Talk talk(const std::string& name, const Flow& flow, bool ingress) const {
    Talk made{.name = name, .peers = {}, .ports = {}};
    if (flow.anyone) {
      made.peers.push_back(doc::Object{{"networks", doc::Array{"0.0.0.0/0", "::/0"}}});
      return made;
    }
    if (flow.peers.empty()) {
      made.peers.push_back(pods_peer(own_namespace(input_.ns), labels_));
      return made;
    }
    doc::Array networks;
    for (const spec::Peer& peer : flow.peers) {
      if (!peer.fqdn.empty()) continue;
      if (!peer.cidr.empty()) {
        if (ingress)
          made.addresses_left_out = true;
        else
          networks.emplace_back(peer.cidr);
        continue;
      }
      doc::Object namespaces =
          peer.namespace_labels ? labelled(*peer.namespace_labels) : own_namespace(input_.ns);
      made.peers.push_back(
          pods_peer(std::move(namespaces), to_object(peer.pod_labels.value_or(spec::StringMap{}))));
    }
    for (std::size_t first = 0; first < networks.size(); first += 25) {
      auto begin = networks.begin() + static_cast<std::ptrdiff_t>(first);
      auto end = networks.size() - first > 25 ? begin + 25 : networks.end();
      made.peers.push_back(doc::Object{{"networks", doc::Array(begin, end)}});
    }
    return made;
  }

  static doc::Object rule(const Talk& talk, std::size_t first, bool ingress) {
    const std::size_t last = std::min(talk.ports.size(), first + most_ports);
    doc::Array ports(talk.ports.begin() + static_cast<std::ptrdiff_t>(first),
                     talk.ports.begin() + static_cast<std::ptrdiff_t>(last));
    doc::Object made;
    made["name"] = fmt::format("{} {}", ingress ? "from" : "to", talk.name).substr(0, 100);
    made["action"] = "Pass";
    made[ingress ? "from" : "to"] = talk.peers;
    made["ports"] = std::move(ports);
    return made;
  }

  const DialectInput& input_;
  doc::Object labels_;
  const std::vector<Flow>& flows_;
  bool is_controller_;
  std::vector<std::string> left_out_;
};

void add(const DialectInput& input, const std::string& name, const doc::Object& labels,
         const std::vector<Flow>& flows, bool is_controller, std::vector<DialectObject>& made) {
  Subject subject(input, labels, flows, is_controller);
  const std::vector<doc::Array> ingress = subject.rules(true), egress = subject.rules(false);
  for (std::size_t i = 0; i < std::max(ingress.size(), egress.size()); ++i) {
    doc::Object spec;
    spec["priority"] = first_priority + static_cast<int>(made.size());  // no two the same
    spec["subject"] = pods_peer(own_namespace(input.ns), labels);
    if (i < ingress.size() && !ingress[i].empty()) spec["ingress"] = ingress[i];
    if (i < egress.size() && !egress[i].empty()) spec["egress"] = egress[i];
    doc::Object object;
    object["apiVersion"] = "policy.networking.k8s.io/v1alpha1";
    object["kind"] = "AdminNetworkPolicy";
    object["metadata"] = doc::Object{{"name", i == 0 ? name : fmt::format("{}-{}", name, i + 1)}};
    object["spec"] = std::move(spec);
    std::vector<std::string> why{
        "Only where an AdminNetworkPolicy or BaselineAdminNetworkPolicy denies what is listed "
        "here:",
        "passes it on to the NetworkPolicies of the namespace, which stay exact. Its priority must "
        "be "
        "a smaller number than the denial's."};
    for (const std::string& who : subject.left_out())
      why.push_back(
          fmt::format("Not said: addresses of \"{}\". An AdminNetworkPolicy cannot name who calls "
                      "in by address.",
                      who));
    made.push_back({std::move(why), std::move(object)});
  }
}

}  // namespace

std::vector<DialectObject> admin_network_policies(const DialectInput& input) {
  std::vector<DialectObject> made;
  for (const ClusterFlows& cluster : input.clusters) {
    add(input,
        fmt::format("raykeep.{}.{}", input.ns, lasting_name(cluster.cluster, cluster.service)),
        lasting_labels(cluster.cluster, cluster.service), cluster.flows, false, made);
  }
  add(input, fmt::format("raykeep-controller.{}", input.ns),
      to_object(*flow::controller_peer().pod_labels), input.controller, true, made);
  return made;
}

}  // namespace raykeep::plan
