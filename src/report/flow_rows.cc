#include "report/flow_rows.h"

#include <algorithm>
#include <map>

#include "report/describe.h"

namespace raykeep::report {
namespace {

using flow::End;
using flow::Flow;
using flow::Role;

bool is_ray(const End& end) { return end.role == Role::head || end.role == Role::worker; }

std::string_view direction_of(const Flow& flow) {
  if (is_ray(flow.from)) return is_ray(flow.to) ? "inside" : "outward";
  return "inward";
}

int rank(std::string_view direction) {
  return direction == "inward" ? 0 : direction == "inside" ? 1 : 2;
}

/// What two flows have in common that make one row.
std::string key_of(const Flow& flow) {
  auto end = [](const End& each) {
    return doc::Array{flow::to_string(each.role), each.role == Role::worker ? "" : each.group};
  };
  doc::Array peers;
  for (const spec::Peer& peer : flow.peers) peers.emplace_back(describe(peer));
  return doc::write_json(doc::Array{end(flow.from), end(flow.to), flow.port_name,
                                    to_string(flow.ports), to_string(flow.protocol),
                                    flow.encryption, flow.reason, std::move(peers)});
}

/// The ends of a row's flows: {"role", "groups", "name"}; groups of workers in their order.
doc::Object end_of(const std::vector<const Flow*>& flows, bool source) {
  const End& first = source ? flows.front()->from : flows.front()->to;
  doc::Object made{{"role", flow::to_string(first.role)}};
  if (first.role != Role::worker) {
    if (!first.group.empty()) made["name"] = first.group;
    return made;
  }
  doc::Array groups;
  std::map<std::string_view, bool> seen;
  for (const Flow* flow : flows) {
    const End& end = source ? flow->from : flow->to;
    if (seen.emplace(end.group, true).second) groups.emplace_back(end.group);
  }
  made["groups"] = std::move(groups);
  return made;
}

doc::Value to_json(const Permit& permit) {
  if (!permit.ours) return nullptr;
  if (permit.open) return doc::Array{"no NetworkPolicy guards these pods: all is let through"};
  doc::Array rules;
  for (const std::string& rule : permit.rules) rules.emplace_back(rule);
  return rules;
}

bool is_permitted(const Permit& permit) {
  return !permit.ours || (!permit.rules.empty() && !permit.open);
}

/// How the flow was tested; null: it was not.
doc::Value tested(const Input& input, const std::string& id) {
  if (!input.verified) return nullptr;
  auto found = input.verified->flows.find(id);
  if (found == input.verified->flows.end() || !found->second.is_tested()) return nullptr;
  doc::Object made{
      {"result", found->second.result}, {"good", found->second.good}, {"how", found->second.how}};
  if (!found->second.note.empty()) made["note"] = found->second.note;
  return made;
}

doc::Object row_of(const Input& input, Permits& permits, const std::vector<const Flow*>& flows) {
  const Flow& first = *flows.front();
  doc::Array each, peers;
  std::int64_t tested_count = 0, good_count = 0;
  bool permitted = true;
  for (const spec::Peer& peer : first.peers) peers.emplace_back(describe(peer));
  for (const Flow* flow : flows) {
    const Permit source = permits.of(*flow, false), target = permits.of(*flow, true);
    permitted &= is_permitted(source) && is_permitted(target);
    std::string id = flow->id();
    doc::Value test = tested(input, id);
    if (test.is_object()) {
      ++tested_count;
      if (test.get_object()["good"] == true) ++good_count;
    }
    each.push_back(doc::Object{{"id", std::move(id)},
                               {"from", to_json(source)},
                               {"to", to_json(target)},
                               {"tested", std::move(test)}});
  }
  return {{"number", 0},
          {"direction", direction_of(first)},
          {"from", end_of(flows, true)},
          {"to", end_of(flows, false)},
          {"peers", std::move(peers)},
          {"name", first.port_name},
          {"ports", to_string(first.ports)},
          {"protocol", to_string(first.protocol)},
          {"encryption", first.encryption},
          {"encrypted", is_encrypted(first)},
          {"reason", first.reason},
          {"permitted", permitted},
          {"count", static_cast<std::int64_t>(flows.size())},
          {"tested", tested_count},
          {"good", good_count},
          {"flows", std::move(each)}};
}

}  // namespace

doc::Array flow_rows(const Input& input, Permits& permits) {
  std::vector<std::vector<const Flow*>> rows;
  std::map<std::string, std::size_t> by_key;
  for (const Flow& flow : input.plan.flows) {
    auto [at, is_new] = by_key.emplace(key_of(flow), rows.size());
    if (is_new) rows.emplace_back();
    rows[at->second].push_back(&flow);
  }
  std::ranges::stable_sort(rows, {},
                           [](const auto& row) { return rank(direction_of(*row.front())); });
  doc::Array made;
  for (const auto& row : rows) {
    doc::Object each = row_of(input, permits, row);
    each["number"] = static_cast<std::int64_t>(made.size() + 1);
    made.push_back(std::move(each));
  }
  return made;
}

}  // namespace raykeep::report
