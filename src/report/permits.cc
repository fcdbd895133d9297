#include "report/permits.h"

#include <algorithm>

#include <fmt/format.h>

#include "plan/names.h"
#include "plan/policy_peer.h"

namespace raykeep::report {
namespace {

Labels labels_at(const doc::Value& value, std::initializer_list<std::string_view> path) {
  Labels labels;
  const doc::Object* found = doc::find_object(value, path);
  if (found == nullptr) return labels;
  for (const auto& member : *found) {
    if (member.value().is_string())
      labels.emplace(member.key(), std::string(member.value().get_string()));
  }
  return labels;
}

bool selects(const Labels& selector, const Labels& pod) {
  return std::ranges::all_of(selector, [&pod](const auto& wanted) {
    auto at = pod.find(wanted.first);
    return at != pod.end() && at->second == wanted.second;
  });
}

/// A selector that is more than matchLabels is not judged: then the rule is named by nobody.
bool only_labels(const doc::Object& selector) {
  return std::ranges::all_of(selector,
                             [](const auto& member) { return member.key() == "matchLabels"; });
}

std::string key_of(const flow::End& end) {
  std::string role(flow::to_string(end.role));
  return end.group.empty() ? role : role + '/' + end.group;
}

/// "head", "redis", "worker/GROUP" of a pod by the labels that Raykeep's pods have.
std::string key_of(const Labels& pod) {
  auto label = [&pod](std::string_view name) {
    auto at = pod.find(name);
    return at == pod.end() ? std::string() : at->second;
  };
  std::string role = label(plan::ray_node_type_label);
  return role == "worker" ? role + '/' + label(plan::ray_group_label) : role;
}

int number_at(const doc::Value& value, std::string_view key) {
  const doc::Value* found = doc::find(value, {key});
  if (found == nullptr || !found->is_number()) return 0;
  auto number = found->to_number<std::int64_t>();
  return number > 0 && number < 65536 ? static_cast<int>(number) : 0;
}

std::string port_text(int first, int last, spec::Protocol protocol) {
  return fmt::format("{}/{}", to_string(spec::PortRange{first, last}), to_string(protocol));
}

}  // namespace

/// Kubernetes' defaults: TCP where no protocol is written, every port of it where no port is.
void Permits::add_port(const doc::Value& written, Rule& rule) {
  std::string_view protocol = doc::find_string(written, {"protocol"});
  const doc::Value* port = doc::find(written, {"port"});
  int first = number_at(written, "port"), last = number_at(written, "endPort");
  const bool known = protocol.empty() || protocol == "TCP" || protocol == "UDP";
  if (!known || (port != nullptr && first == 0)) {
    rule.unjudged.push_back(doc::write_json(written));
    return;
  }
  if (port == nullptr) {
    first = 1;
    last = 65535;
  }
  rule.ports.push_back({protocol == "UDP" ? spec::Protocol::udp : spec::Protocol::tcp, first,
                        std::max(first, last)});
}

std::vector<Permits::Rule> Permits::rules(const doc::Value& policy, bool ingress) {
  std::vector<Rule> made;
  const char* direction = ingress ? "ingress" : "egress";
  const doc::Array* list = doc::find_array(policy, {"spec", direction});
  if (list == nullptr) return made;
  for (std::size_t i = 0; i < list->size(); ++i) {
    const doc::Value& written = (*list)[i];
    Rule rule;
    rule.name = fmt::format("NetworkPolicy {} {}[{}]",
                            doc::find_string(policy, {"metadata", "name"}), direction, i);
    const doc::Array* peers = doc::find_array(written, {ingress ? "from" : "to"});
    for (const doc::Value& each : peers ? *peers : doc::Array{}) {
      if (!each.is_object()) continue;
      Peer peer{.pods = {}, .written = each.get_object()};
      const doc::Object* pods = doc::find_object(each, {"podSelector"});
      if (pods != nullptr && peer.written.size() == 1 && only_labels(*pods))
        peer.pods = labels_at(each, {"podSelector", "matchLabels"});
      rule.peers.push_back(std::move(peer));
    }
    const doc::Array* ports = doc::find_array(written, {"ports"});
    rule.all_ports = ports == nullptr || ports->empty();
    for (const doc::Value& each : ports ? *ports : doc::Array{}) add_port(each, rule);
    made.push_back(std::move(rule));
  }
  return made;
}

void Permits::add_policy(const doc::Value& object) {
  Policy policy;
  policy.name = doc::find_string(object, {"metadata", "name"});
  policy.selector = labels_at(object, {"spec", "podSelector", "matchLabels"});
  const doc::Object* selector = doc::find_object(object, {"spec", "podSelector"});
  policy.selects_by_labels = selector != nullptr && only_labels(*selector);
  policy.ingress = rules(object, true);
  policy.egress = rules(object, false);
  const doc::Array* types = doc::find_array(object, {"spec", "policyTypes"});
  for (const doc::Value& type : types ? *types : doc::Array{}) {
    policy.guards_ingress |= type == "Ingress";
    policy.guards_egress |= type == "Egress";
  }
  policies_.push_back(std::move(policy));
}

Permits::Permits(const std::vector<doc::Value>& objects, const std::vector<doc::Value>& others) {
  for (const doc::Value& object : objects) {
    std::string_view kind = doc::find_string(object, {"kind"});
    if (kind == "NetworkPolicy") add_policy(object);
    if (kind != "StatefulSet" && kind != "Deployment") continue;
    Labels labels = labels_at(object, {"spec", "template", "metadata", "labels"});
    std::string key = key_of(labels);
    pods_.emplace(std::move(key), std::move(labels));
  }
  for (const doc::Value& object : others) add_policy(object);
}

bool Permits::selects_pods(const Policy& policy) const {
  return std::ranges::any_of(
      pods_, [&policy](const auto& each) { return selects(policy.selector, each.second); });
}

const Labels* Permits::labels_of(const flow::End& end) const {
  auto at = pods_.find(key_of(end));
  return at == pods_.end() ? nullptr : &at->second;
}

/// Do the rule's ports together hold all that are wanted? Ranges may be written one by one.
bool Permits::covers(const Rule& rule, Range wanted) {
  if (rule.all_ports) return true;
  while (wanted.first <= wanted.last) {
    auto found = std::ranges::find_if(rule.ports, [&wanted](const Range& each) {
      return each.protocol == wanted.protocol && each.first <= wanted.first &&
             wanted.first <= each.last;
    });
    if (found == rule.ports.end()) return false;
    wanted.first = found->last + 1;
  }
  return true;
}

/// `peer`: who the far end is outside; nullptr where it is a pod of ours.
bool Permits::admits(Rule& rule, const flow::Flow& flow, const spec::Peer* peer,
                     const flow::End& far) {
  const Labels* pod = peer == nullptr ? labels_of(far) : nullptr;
  std::optional<doc::Object> outside;
  if (peer != nullptr) outside = plan::policy_peer(*peer);
  auto found = std::ranges::find_if(rule.peers, [&](const Peer& each) {
    if (outside) return each.written == *outside;
    return pod != nullptr && each.pods && selects(*each.pods, *pod);
  });
  if (found == rule.peers.end() && !rule.peers.empty()) return false;
  const Range wanted{flow.protocol, flow.ports.first, flow.ports.last};
  if (!covers(rule, wanted)) return false;
  rule.needed.insert(wanted);
  if (found != rule.peers.end()) {
    found->used = true;
    found->outside |= peer != nullptr;
  }
  return true;
}

Permit Permits::of(const flow::Flow& flow, bool ingress) {
  const flow::End& here = ingress ? flow.to : flow.from;
  const flow::End& far = ingress ? flow.from : flow.to;
  Permit permit;
  const Labels* pod = labels_of(here);
  permit.ours = pod != nullptr;
  if (pod == nullptr) return permit;

  bool all = true, guarded = false;
  auto look_for = [&](const spec::Peer* peer) {
    bool found = false;
    for (Policy& policy : policies_) {
      if (!policy.selects_by_labels || !selects(policy.selector, *pod)) continue;
      guarded |= ingress ? policy.guards_ingress : policy.guards_egress;
      for (Rule& rule : ingress ? policy.ingress : policy.egress) {
        if (!admits(rule, flow, peer, far)) continue;
        found = true;
        if (std::ranges::find(permit.rules, rule.name) == permit.rules.end())
          permit.rules.push_back(rule.name);
      }
    }
    all &= found;
  };
  if (flow.peers.empty()) look_for(nullptr);
  for (const spec::Peer& peer : flow.peers) look_for(&peer);
  permit.open = !guarded;
  if (!all) permit.rules.clear();
  return permit;
}

/// The ports of a range that no flow needed, first to last.
void Permits::add_excess(const std::string& policy, const Rule& rule, std::vector<Excess>& found) {
  auto add = [&](std::string what) { found.push_back({policy, rule.name, std::move(what)}); };
  if (rule.peers.empty()) add("everybody: the rule names no peer");
  if (rule.all_ports) add("every port: the rule names none");
  for (const std::string& each : rule.unjudged) add("ports that are not judged here: " + each);
  for (const Peer& peer : rule.peers) {
    // Of this cluster's pods a selector is exact when it names the cluster and the role.
    const bool exact = !peer.pods || (peer.pods->contains(plan::ray_cluster_label) &&
                                      peer.pods->contains(plan::ray_node_type_label));
    if (!peer.used || (!exact && !peer.outside)) add("peer " + doc::write_json(peer.written));
  }
  for (const Range& range : rule.ports) {
    int next = range.first;
    auto gap = [&](int until) {
      if (next <= until) add("port " + port_text(next, until, range.protocol));
    };
    for (const Range& needed : rule.needed) {  // by first port
      if (needed.protocol != range.protocol || needed.last < next || needed.first > range.last)
        continue;
      gap(needed.first - 1);
      next = needed.last + 1;
    }
    gap(range.last);
  }
}

std::vector<Excess> Permits::excess() const {
  std::vector<Excess> found;
  for (const Policy& policy : policies_) {
    if (!policy.selects_by_labels)
      found.push_back({policy.name, "NetworkPolicy " + policy.name,
                       "perhaps: it selects pods by expressions, which is not judged here"});
    if (!policy.selects_by_labels || !selects_pods(policy)) continue;
    for (const std::vector<Rule>* list : {&policy.ingress, &policy.egress}) {
      for (const Rule& rule : *list) add_excess(policy.name, rule, found);
    }
  }
  return found;
}

}  // namespace raykeep::report
