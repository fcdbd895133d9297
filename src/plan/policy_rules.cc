#include "plan/policy_rules.h"

#include <algorithm>
#include <utility>

#include "plan/policy_peer.h"

namespace raykeep::plan {
namespace {

using flow::End;
using flow::Flow;
using flow::Role;

/// The other end of all flows with it.
struct Far {
  End end;
  std::vector<spec::Peer> peers;
  bool anyone = false;
  doc::Array ports = {};
};

void add_port(const Flow& flow, bool end_port, doc::Array& ports) {
  const std::string_view protocol = to_string(flow.protocol);
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

std::vector<Far> far_ends(const std::vector<Flow>& flows, const End& here,
                          const RuleOptions& options) {
  std::vector<Far> ends;
  for (const Flow& flow : flows) {
    if ((options.ingress ? flow.to : flow.from) != here || flow.administrator) continue;
    const End& there = options.ingress ? flow.from : flow.to;
    auto known = std::ranges::find(ends, there, &Far::end);
    if (known == ends.end()) known = ends.insert(ends.end(), {there, flow.peers, flow.anyone});
    add_port(flow, options.end_port, known->ports);
  }
  return ends;
}

doc::Object rule_for(doc::Array peers, doc::Array ports, bool ingress) {
  doc::Object made;
  if (!peers.empty()) made[ingress ? "from" : "to"] = std::move(peers);
  made["ports"] = std::move(ports);
  return made;
}

doc::Array outside_peers(const std::vector<spec::Peer>& peers) {
  doc::Array made;
  for (const spec::Peer& peer : peers) {
    if (peer.fqdn.empty()) made.push_back(policy_peer(peer));
  }
  return made;
}

}  // namespace

doc::Array policy_rules(const std::vector<Flow>& flows, const End& here,
                        const RuleOptions& options) {
  const std::vector<Far> ends = far_ends(flows, here, options);
  auto first_worker =
      std::ranges::find(ends, Role::worker, [](const Far& far) { return far.end.role; });
  const bool workers_agree = std::ranges::all_of(ends, [&](const Far& far) {
    return far.end.role != Role::worker || far.ports == first_worker->ports;
  });
  doc::Array made;
  for (auto far = ends.begin(); far != ends.end(); ++far) {
    doc::Array peers;
    if (far->anyone) {
      // No peers: everybody.
    } else if (far->peers.empty()) {  // a pod of ours
      const bool speaks_of_all = far->end.role == Role::worker && workers_agree;
      if (speaks_of_all && far != first_worker) continue;
      doc::Object labels =
          options.selector(far->end.role, speaks_of_all ? std::string() : far->end.group);
      peers.push_back(
          doc::Object{{"podSelector", doc::Object{{"matchLabels", std::move(labels)}}}});
    } else {
      peers = outside_peers(far->peers);
      if (peers.empty()) continue;
    }
    made.push_back(rule_for(std::move(peers), far->ports, options.ingress));
  }
  return made;
}

}  // namespace raykeep::plan
