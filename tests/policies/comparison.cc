#include "comparison.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

namespace raykeep::policies {
namespace {

using flow::Flow;
using flow::Role;

bool carries(const Labels& labels, const spec::StringMap& wanted) {
  return std::ranges::all_of(wanted, [&](const auto& each) {
    auto found = labels.find(each.first);
    return found != labels.end() && found->second == each.second;
  });
}

/// A Site's peer as docs/network.md describes it.
bool is_peer(const spec::Peer& peer, const Endpoint& endpoint) {
  if (!peer.fqdn.empty()) return false;  // said in a dialect, not here
  if (!peer.cidr.empty()) {
    return block(peer.cidr).contains(endpoint.ip) &&
           std::ranges::none_of(peer.except, [&](const std::string& hole) {
             return block(hole).contains(endpoint.ip);
           });
  }
  if (!endpoint.is_pod()) return false;
  if (peer.namespace_labels ? !carries(endpoint.ns_labels, *peer.namespace_labels)
                            : endpoint.ns != "ray")
    return false;
  return !peer.pod_labels || carries(endpoint.labels, *peer.pod_labels);
}

/// Is the far end of the row this inhabitant?
bool is_far_end(const Flow& row, const flow::End& end, int table, const Inhabitant& other) {
  if (row.administrator) return false;  // said in a dialect, not here
  if (row.anyone) return true;
  if (row.peers.empty()) return other.table == table && other.end == end;
  return std::ranges::any_of(row.peers,
                             [&](const spec::Peer& peer) { return is_peer(peer, other.endpoint); });
}

/// The rows in which the inhabitant itself sends, or takes.
std::vector<const Flow*> rows_of(const Scene& scene, const Inhabitant& subject, bool ingress) {
  std::vector<const Flow*> rows;
  for (const Flow& row : scene.tables[static_cast<std::size_t>(subject.table)].rows) {
    if ((ingress ? row.to : row.from) == subject.end) rows.push_back(&row);
  }
  return rows;
}

void add(const Flow& row, PortSet& ports) {
  ports.add(row.protocol == spec::Protocol::udp ? "UDP" : "TCP", row.ports.first, row.ports.last);
}

/// What every worker may, if the rows say the same of all groups.
PortSet of_all_groups(const std::vector<const Flow*>& rows, bool ingress) {
  std::map<std::string, std::vector<const Flow*>> groups;
  for (const Flow* row : rows) {
    const flow::End& end = ingress ? row->from : row->to;
    if (row->peers.empty() && end.role == Role::worker) groups[end.group].push_back(row);
  }
  PortSet ports;
  if (groups.empty()) return ports;
  const std::vector<const Flow*>& first = groups.begin()->second;
  for (const auto& [name, others] : groups) {
    const bool same = std::ranges::equal(first, others, [](const Flow* one, const Flow* other) {
      return one->ports == other->ports && one->protocol == other->protocol;
    });
    if (!same) return {};
  }
  for (const Flow* row : first) add(*row, ports);
  return ports;
}

PortSet by_table(const std::vector<const Flow*>& rows, const Inhabitant& subject, bool ingress,
                 const Inhabitant& other) {
  PortSet ports;
  if (other.groupless_of >= 0 && other.groupless_of == subject.table)
    ports = of_all_groups(rows, ingress);
  for (const Flow* row : rows) {
    if (is_far_end(*row, ingress ? row->from : row->to, subject.table, other)) add(*row, ports);
  }
  return ports;
}

}  // namespace

Comparison::Comparison(const Scene& scene) {
  for (const Inhabitant& subject : scene.inhabitants) {
    if (!subject.endpoint.is_pod()) continue;
    for (bool ingress : {true, false}) {
      Expected& made = expected_.emplace_back(Expected{&subject, ingress, {}});
      if (subject.table < 0) continue;
      const std::vector<const Flow*> rows = rows_of(scene, subject, ingress);
      for (const Inhabitant& other : scene.inhabitants) {
        if (&other == &subject) continue;
        made.others.emplace_back(&other, by_table(rows, subject, ingress, other));
      }
    }
  }
}

Difference Comparison::look(const Expected& expected, const Policies& policies) {
  const auto& [subject, ingress, others] = expected;
  const Policies::Side side = policies.side(subject->endpoint, ingress);
  if (subject->table < 0) {
    if (!side.isolated()) return {};
    return {
        fmt::format("{} is isolated ({})", subject->endpoint.name, ingress ? "ingress" : "egress")};
  }
  for (const auto& [other, wanted] : others) {
    const PortSet permitted = side.permitted(other->endpoint);
    if (permitted == wanted) continue;
    return {fmt::format("{} {} {}: policies permit {}; the table has {}", subject->endpoint.name,
                        ingress ? "from" : "to", other->endpoint.name, permitted.text(),
                        wanted.text())};
  }
  return {};
}

Difference Comparison::with(const Policies& policies) const {
  for (const Expected& each : expected_) {
    if (Difference found = look(each, policies)) return found;
  }
  return {};
}

std::size_t Comparison::pairs() const {
  std::size_t all = 0;
  for (const Expected& each : expected_) all += each.others.size();
  return all;
}

}  // namespace raykeep::policies
