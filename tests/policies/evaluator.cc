#include "evaluator.h"

#include <algorithm>
#include <stdexcept>

namespace raykeep::policies {
namespace {

std::vector<std::string> strings(const doc::Array* list) {
  std::vector<std::string> made;
  if (list == nullptr) return made;
  for (const doc::Value& each : *list) made.emplace_back(each.as_string());
  return made;
}

}  // namespace

Selector::Selector(const doc::Value& written) {
  for (const auto& member : written.as_object()) {
    if (member.key() == "matchLabels") {
      for (const auto& label : member.value().as_object())
        requirements_.push_back({label.key(), "In", {std::string(label.value().as_string())}});
    } else if (member.key() == "matchExpressions") {
      for (const doc::Value& each : member.value().as_array()) {
        requirements_.push_back({std::string(doc::find_string(each, {"key"})),
                                 std::string(doc::find_string(each, {"operator"})),
                                 strings(doc::find_array(each, {"values"}))});
      }
    } else {
      throw std::logic_error("a selector has no such field");
    }
  }
}

bool Selector::matches(const Labels& labels) const {
  return std::ranges::all_of(requirements_, [&](const Requirement& each) {
    const auto found = labels.find(each.key);
    const bool there = found != labels.end();
    const bool among = there && std::ranges::count(each.values, found->second) > 0;
    if (each.op == "In") return among;
    if (each.op == "NotIn") return !among;
    if (each.op == "Exists") return there;
    if (each.op == "DoesNotExist") return !there;
    throw std::logic_error("a selector has no such operator");
  });
}

Policies::Peer Policies::read_peer(const doc::Value& written) {
  Peer peer;
  if (const doc::Value* selector = doc::find(written, {"namespaceSelector"}))
    peer.namespaces.emplace(*selector);
  if (const doc::Value* selector = doc::find(written, {"podSelector"}))
    peer.pods.emplace(*selector);
  if (const doc::Value* addresses = doc::find(written, {"ipBlock"})) {
    peer.addresses = block(std::string(doc::find_string(*addresses, {"cidr"})));
    for (const std::string& hole : strings(doc::find_array(*addresses, {"except"})))
      peer.except.push_back(block(hole));
  }
  if (peer.addresses.has_value() == (peer.namespaces || peer.pods))
    throw std::logic_error("a peer is pods or addresses");
  return peer;
}

Policies::Port Policies::read_port(const doc::Value& written) {
  Port port;
  const std::string_view protocol = doc::find_string(written, {"protocol"});
  port.protocol = protocol.empty() ? "TCP" : protocol;
  const doc::Value* number = doc::find(written, {"port"});
  const doc::Value* end = doc::find(written, {"endPort"});
  if (number != nullptr && number->is_string()) {
    port.name = number->get_string();
  } else if (number != nullptr) {
    port.first = port.last = number->to_number<int>();
  }
  if (end != nullptr) {
    if (number == nullptr || !port.name.empty())
      throw std::logic_error("endPort goes with a number");
    port.last = end->to_number<int>();
    if (port.last < port.first) throw std::logic_error("endPort is before port");
  }
  return port;
}

std::vector<Policies::Rule> Policies::read_rules(const doc::Value& spec, const char* direction,
                                                 const char* peers) {
  std::vector<Rule> made;
  const doc::Array* list = doc::find_array(spec, {direction});
  if (list == nullptr) return made;
  for (const doc::Value& each : *list) {
    Rule& rule = made.emplace_back();
    if (const doc::Array* written = doc::find_array(each, {peers})) {
      for (const doc::Value& peer : *written) rule.peers.push_back(read_peer(peer));
    }
    if (const doc::Array* written = doc::find_array(each, {"ports"})) {
      for (const doc::Value& port : *written) rule.ports.push_back(read_port(port));
    }
  }
  return made;
}

std::shared_ptr<const Policies::Policy> Policies::read_policy(const doc::Value& object) {
  const doc::Value& spec = object.at("spec");
  Policy policy{.ns = std::string(doc::find_string(object, {"metadata", "namespace"})),
                .pods = Selector(spec.at("podSelector")),
                .ingress_rules = read_rules(spec, "ingress", "from"),
                .egress_rules = read_rules(spec, "egress", "to")};
  const std::vector<std::string> types = strings(doc::find_array(spec, {"policyTypes"}));
  // What the API server fills in where policyTypes is absent.
  policy.ingress = types.empty() || std::ranges::count(types, "Ingress") > 0;
  policy.egress =
      types.empty() ? !policy.egress_rules.empty() : std::ranges::count(types, "Egress") > 0;
  return std::make_shared<const Policy>(std::move(policy));
}

Policies::Policies(const std::vector<doc::Value>& objects) {
  for (const doc::Value& object : objects) {
    if (doc::find_string(object, {"kind"}) == "NetworkPolicy")
      policies_.push_back(read_policy(object));
  }
}

Policies Policies::with(std::size_t n, const doc::Value& changed) const {
  Policies made = *this;
  if (changed.is_null()) {
    made.policies_.erase(made.policies_.begin() + static_cast<std::ptrdiff_t>(n));
  } else {
    made.policies_.at(n) = read_policy(changed);
  }
  return made;
}

bool Policies::matches(const Policy& policy, const Rule& rule, const Endpoint& other) {
  if (rule.peers.empty()) return true;
  return std::ranges::any_of(rule.peers, [&](const Peer& peer) {
    if (peer.addresses) {
      return peer.addresses->contains(other.ip) &&
             std::ranges::none_of(peer.except,
                                  [&](const Block& hole) { return hole.contains(other.ip); });
    }
    if (!other.is_pod()) return false;
    if (peer.namespaces ? !peer.namespaces->matches(other.ns_labels) : other.ns != policy.ns)
      return false;
    return !peer.pods || peer.pods->matches(other.labels);
  });
}

Policies::Side Policies::side(const Endpoint& subject, bool ingress) const {
  Side made;
  made.subject_ = &subject;
  made.ingress_ = ingress;
  for (const std::shared_ptr<const Policy>& policy : policies_) {
    if (!(ingress ? policy->ingress : policy->egress) || subject.ns != policy->ns ||
        !policy->pods.matches(subject.labels))
      continue;
    made.isolated_ = true;
    for (const Rule& rule : ingress ? policy->ingress_rules : policy->egress_rules)
      made.rules_.emplace_back(policy.get(), &rule);
  }
  return made;
}

PortSet Policies::Side::permitted(const Endpoint& other) const {
  if (!isolated_) return PortSet::everything();
  const Endpoint& receiver = ingress_ ? *subject_ : other;
  PortSet ports;
  for (const auto& [policy, rule] : rules_) {
    if (!matches(*policy, *rule, other)) continue;
    if (rule->ports.empty()) ports.add_all(PortSet::everything());
    for (const Port& port : rule->ports) {
      if (port.name.empty()) {
        ports.add(port.protocol, port.first, port.last);
      } else if (auto found = receiver.named_ports.find({port.name, port.protocol});
                 found != receiver.named_ports.end()) {
        ports.add(port.protocol, found->second, found->second);
      }
    }
  }
  return ports;
}

PortSet Policies::sends(const Endpoint& from, const Endpoint& to) const {
  return side(from, false).permitted(to);
}

PortSet Policies::accepts(const Endpoint& from, const Endpoint& to) const {
  return side(to, true).permitted(from);
}

}  // namespace raykeep::policies
