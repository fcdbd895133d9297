#include "plan/network_policy.h"

#include <algorithm>

namespace raykeep::plan {
namespace {

using flow::End;
using flow::Flow;
using flow::Role;

/// One NetworkPolicyPeer. Selectors by namespace and pod are one peer: "these pods in those
/// namespaces".
doc::Object peer_of(const spec::Peer& peer) {
  doc::Object made;
  if (!peer.cidr.empty()) {
    doc::Object block{{"cidr", peer.cidr}};
    if (!peer.except.empty()) {
      doc::Array except;
      for (const std::string& part : peer.except) except.emplace_back(part);
      block["except"] = std::move(except);
    }
    made["ipBlock"] = std::move(block);
    return made;
  }
  auto selector = [](const spec::StringMap& labels) {
    doc::Object wrapped;
    if (!labels.empty()) wrapped["matchLabels"] = to_object(labels);
    return wrapped;
  };
  if (peer.namespace_labels) made["namespaceSelector"] = selector(*peer.namespace_labels);
  made["podSelector"] = selector(peer.pod_labels.value_or(spec::StringMap{}));
  return made;
}

void add_port(const Flow& flow, bool end_port, doc::Array& ports) {
  const char* protocol = flow.protocol == spec::Protocol::udp ? "UDP" : "TCP";
  auto entry = [&](int port) { return doc::Object{{"protocol", protocol}, {"port", port}}; };
  if (flow.ports.first == flow.ports.last) {
    ports.push_back(entry(flow.ports.first));
  } else if (end_port) {
    doc::Object range = entry(flow.ports.first);
    range["endPort"] = flow.ports.last;
    ports.push_back(std::move(range));
  } else {
    for (int port = flow.ports.first; port <= flow.ports.last; ++port) ports.push_back(entry(port));
  }
}

/// One rule: these ports, with these peers.
struct Rule {
  doc::Array peers;
  doc::Array ports;
};

/// The rules for one direction at one end. The flows with the same far end make one rule. Where all
/// worker groups are asked for the same ports, one rule speaks of all workers, so that a new group
/// changes no other group's policy.
std::vector<Rule> rules(const Input& input, const End& here, bool ingress) {
  struct Far {
    End end;
    std::vector<spec::Peer> peers;
    doc::Array ports;
  };
  std::vector<Far> far_ends;
  for (const Flow& flow : input.flows) {
    if ((ingress ? flow.to : flow.from) != here) continue;
    const End& there = ingress ? flow.from : flow.to;
    auto known = std::ranges::find(far_ends, there, &Far::end);
    if (known == far_ends.end()) known = far_ends.insert(far_ends.end(), {there, flow.peers, {}});
    add_port(flow, input.site.end_port, known->ports);
  }

  auto first_worker =
      std::ranges::find(far_ends, Role::worker, [](const Far& far) { return far.end.role; });
  const bool workers_agree = std::ranges::all_of(far_ends, [&](const Far& far) {
    return far.end.role != Role::worker || far.ports == first_worker->ports;
  });
  std::vector<Rule> made;
  for (auto far = far_ends.begin(); far != far_ends.end(); ++far) {
    Rule rule;
    rule.ports = far->ports;
    if (far->peers.empty()) {  // a pod of ours
      const bool speaks_of_all = far->end.role == Role::worker && workers_agree;
      if (speaks_of_all && far != first_worker) continue;
      doc::Object selector{{"matchLabels", pod_selector(input.cluster, far->end.role,
                                                        speaks_of_all ? "" : far->end.group)}};
      rule.peers.push_back(doc::Object{{"podSelector", std::move(selector)}});
    } else {
      for (const spec::Peer& peer : far->peers) rule.peers.push_back(peer_of(peer));
    }
    made.push_back(std::move(rule));
  }
  return made;
}

doc::Value policy(const Input& input, const End& here, const std::string& name) {
  auto direction = [&](bool ingress) {
    doc::Array list;
    for (Rule& rule : rules(input, here, ingress)) {
      doc::Object made;
      made[ingress ? "from" : "to"] = std::move(rule.peers);
      made["ports"] = std::move(rule.ports);
      list.push_back(std::move(made));
    }
    return list;
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
