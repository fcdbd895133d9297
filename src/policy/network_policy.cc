#include "policy/network_policy.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "spec/cidr.h"
#include "spec/peers.h"

namespace raykeep::policy {
namespace {

using doc::Array;
using doc::Value;
using spec::Protocol;

// --- reading

Result<std::vector<std::string>> texts(const Value& list) {
  std::vector<std::string> out;
  if (!list.is_array()) return error("a list of texts is expected");
  for (const Value& each : list.get_array()) {
    if (!each.is_string()) return error("a list of texts is expected");
    out.emplace_back(each.get_string());
  }
  return out;
}

Result<LabelSelector> parse_selector(const Value& value) {
  LabelSelector made;
  if (!value.is_object()) return error("a selector is not a map");
  for (const auto& [key, member] : value.get_object()) {
    if (key == "matchLabels" && member.is_object()) {
      for (const auto& [label, text] : member.get_object()) {
        if (!text.is_string())
          return error(fmt::format("the label {} is not a text", std::string_view(label)));
        made.labels[std::string(label)] = std::string(text.get_string());
      }
    } else if (key == "matchExpressions" && member.is_array()) {
      for (const Value& each : member.get_array()) {
        Requirement requirement{
            .op = {}, .key = std::string(doc::find_string(each, {"key"})), .values = {}};
        std::string_view op = doc::find_string(each, {"operator"});
        if (op == "In")
          requirement.op = Requirement::Operator::in;
        else if (op == "NotIn")
          requirement.op = Requirement::Operator::not_in;
        else if (op == "Exists")
          requirement.op = Requirement::Operator::exists;
        else if (op == "DoesNotExist")
          requirement.op = Requirement::Operator::does_not_exist;
        else
          return error(fmt::format("the operator {} is not known", op));
        if (const Value* values = doc::find(each, {"values"})) {
          auto read = texts(*values);
          if (!read) return std::unexpected(read.error());
          requirement.values = std::move(*read);
        }
        made.requirements.push_back(std::move(requirement));
      }
    } else {
      return error(fmt::format("a selector's {} is not known", std::string_view(key)));
    }
  }
  return made;
}

Result<PolicyPeer> parse_peer(const Value& value) {
  PolicyPeer made;
  if (!value.is_object() || value.get_object().empty()) return error("a peer is empty");
  for (const auto& [key, member] : value.get_object()) {
    if (key == "podSelector" || key == "namespaceSelector") {
      auto selector = parse_selector(member);
      if (!selector) return std::unexpected(selector.error());
      (key == "podSelector" ? made.pods : made.namespaces) = std::move(*selector);
    } else if (key == "ipBlock") {
      made.cidr = doc::find_string(member, {"cidr"});
      if (const Value* except = doc::find(member, {"except"})) {
        auto read = texts(*except);
        if (!read) return std::unexpected(read.error());
        made.except = std::move(*read);
      }
      for (const std::string& block : made.except) {
        if (!spec::parse_cidr(block))
          return error(fmt::format("{} is not a block of addresses", block));
      }
      if (!spec::parse_cidr(made.cidr))
        return error(fmt::format("{} is not a block of addresses", made.cidr));
    } else {
      return error(fmt::format("a peer's {} is not known", std::string_view(key)));
    }
  }
  return made;
}

Result<std::optional<PolicyPort>> parse_port(const Value& value) {
  PolicyPort made;
  std::string_view protocol = doc::find_string(value, {"protocol"});
  if (protocol == "SCTP") return std::nullopt;
  if (protocol == "UDP")
    made.protocol = Protocol::udp;
  else if (!protocol.empty() && protocol != "TCP")
    return error(fmt::format("the protocol {} is not known", protocol));
  const Value* port = doc::find(value, {"port"});
  if (port == nullptr) return made;
  if (port->is_string()) {
    made.name = std::string(port->get_string());
    return made;
  }
  if (!port->is_number()) return error("a port is neither a number nor a name");
  int first = port->to_number<int>();
  made.range = {first, first};
  if (const Value* last = doc::find(value, {"endPort"}); last != nullptr && last->is_number())
    made.range.last = last->to_number<int>();
  return made;
}

Result<std::vector<PolicyRule>> parse_rules(const Value& spec, std::string_view way,
                                            std::string_view peers) {
  std::vector<PolicyRule> rules;
  const Value* list = doc::find(spec, {way});
  if (list == nullptr || list->is_null()) return rules;
  if (!list->is_array()) return error(fmt::format("{} is not a list", way));
  for (const Value& each : list->get_array()) {
    PolicyRule rule;
    if (const Array* all = doc::find_array(each, {peers})) {
      for (const Value& peer : *all) {
        auto read = parse_peer(peer);
        if (!read) return std::unexpected(read.error());
        rule.peers.push_back(std::move(*read));
      }
    }
    const Array* ports = doc::find_array(each, {"ports"});
    bool only_sctp = ports != nullptr && !ports->empty();
    if (ports != nullptr) {
      for (const Value& port : *ports) {
        auto read = parse_port(port);
        if (!read) return std::unexpected(read.error());
        if (!*read) continue;
        only_sctp = false;
        rule.ports.push_back(std::move(**read));
      }
    }
    // A rule for a protocol that is left out here permits nothing; without ports it would permit
    // all.
    if (only_sctp) rule.ports.push_back({.protocol = Protocol::tcp, .range = {1, 0}, .name = {}});
    rules.push_back(std::move(rule));
  }
  return rules;
}

// --- judging

spec::StringMap labels_of_namespace(const Endpoint& endpoint) {
  spec::StringMap labels = endpoint.namespace_labels;
  labels[spec::kNamespaceNameLabel] = endpoint.ns;
  return labels;
}

bool is_in(const std::string& address, const std::string& block) {
  auto whole = spec::parse_cidr(block);
  auto one = spec::parse_cidr(fmt::format("{}/{}", address, address.contains(':') ? 128 : 32));
  return whole && one && whole->contains(*one);
}

Ports ports_of(const PolicyRule& rule, const Endpoint& called) {
  if (rule.ports.empty()) return Ports::all();
  Ports made;
  for (const PolicyPort& port : rule.ports) {
    spec::PortRange range = port.range;
    if (!port.name.empty()) {
      auto named = called.named_ports.find(port.name);
      if (named == called.named_ports.end() || named->second.first != port.protocol) continue;
      range = {named->second.second, named->second.second};
    }
    (port.protocol == Protocol::udp ? made.udp : made.tcp).add(range);
  }
  return made;
}

}  // namespace

std::string to_string(const Endpoint& endpoint, const std::string& home) {
  if (endpoint.is_outside()) return endpoint.address;
  std::vector<std::string> labels;
  for (const auto& [key, value] : endpoint.labels)
    labels.push_back(fmt::format("{}={}", key, value));
  std::string text =
      labels.empty() ? "pods without labels" : fmt::format("pods with {}", fmt::join(labels, ","));
  if (endpoint.ns == home) return text;
  std::vector<std::string> of_namespace;
  for (const auto& [key, value] : endpoint.namespace_labels)
    of_namespace.push_back(fmt::format("{}={}", key, value));
  return of_namespace.empty()
             ? fmt::format("{} in namespace {}", text, endpoint.ns)
             : fmt::format("{} in a namespace with {}", text, fmt::join(of_namespace, ","));
}

bool LabelSelector::matches(const spec::StringMap& of) const {
  for (const auto& [key, value] : labels) {
    auto there = of.find(key);
    if (there == of.end() || there->second != value) return false;
  }
  for (const Requirement& each : requirements) {
    auto there = of.find(each.key);
    const bool has = there != of.end();
    const bool listed = has && std::ranges::find(each.values, there->second) != each.values.end();
    switch (each.op) {
      case Requirement::Operator::in:
        if (!listed) return false;
        break;
      case Requirement::Operator::not_in:
        if (listed) return false;
        break;
      case Requirement::Operator::exists:
        if (!has) return false;
        break;
      case Requirement::Operator::does_not_exist:
        if (has) return false;
        break;
    }
  }
  return true;
}

std::vector<spec::StringMap> LabelSelector::examples() const {
  constexpr std::size_t most = 16;
  std::vector<spec::StringMap> made = {labels};
  for (const Requirement& each : requirements) {
    if (each.op == Requirement::Operator::exists) {
      for (spec::StringMap& one : made) one.try_emplace(each.key, "any");
    }
    if (each.op != Requirement::Operator::in) continue;
    std::vector<spec::StringMap> more;
    for (const spec::StringMap& one : made) {
      for (const std::string& value : each.values) {
        if (more.size() == most) break;
        more.push_back(one);
        more.back().try_emplace(each.key, value);
      }
    }
    made = std::move(more);
  }
  std::erase_if(made, [this](const spec::StringMap& one) { return !matches(one); });
  return made;
}

Result<NetworkPolicy> parse_network_policy(const Value& object) {
  NetworkPolicy made{.ns = std::string(doc::find_string(object, {"metadata", "namespace"})),
                     .name = std::string(doc::find_string(object, {"metadata", "name"})),
                     .pods = {}};
  auto fault = [&](const Error& problem) {
    return error(fmt::format("NetworkPolicy {}: {}", made.name, problem.text));
  };
  const Value* spec = doc::find(object, {"spec"});
  if (spec == nullptr) return fault({"it has no spec"});
  if (const Value* pods = doc::find(*spec, {"podSelector"})) {
    auto selector = parse_selector(*pods);
    if (!selector) return fault(selector.error());
    made.pods = std::move(*selector);
  }
  auto ingress = parse_rules(*spec, "ingress", "from");
  if (!ingress) return fault(ingress.error());
  auto egress = parse_rules(*spec, "egress", "to");
  if (!egress) return fault(egress.error());
  made.ingress_rules = std::move(*ingress);
  made.egress_rules = std::move(*egress);
  // The API server's default: Ingress always, Egress where there are rules for it.
  const Array* types = doc::find_array(*spec, {"policyTypes"});
  made.ingress = types == nullptr;
  made.egress = types == nullptr && !made.egress_rules.empty();
  if (types != nullptr) {
    for (const Value& type : *types) {
      if (type == "Ingress") made.ingress = true;
      if (type == "Egress") made.egress = true;
    }
  }
  return made;
}

bool matches(const PolicyPeer& peer, const Endpoint& other, const std::string& home) {
  if (!peer.cidr.empty()) {
    return other.is_outside() && is_in(other.address, peer.cidr) &&
           std::ranges::none_of(
               peer.except, [&](const std::string& block) { return is_in(other.address, block); });
  }
  if (other.is_outside()) return false;
  bool place =
      peer.namespaces ? peer.namespaces->matches(labels_of_namespace(other)) : other.ns == home;
  return place && (!peer.pods || peer.pods->matches(other.labels));
}

std::string to_string(const RuleName& rule) {
  return fmt::format("NetworkPolicy {} {}[{}]", rule.policy,
                     rule.way == Way::ingress ? "ingress" : "egress", rule.index);
}

Permitted permitted(const std::vector<NetworkPolicy>& policies, const Endpoint& pod,
                    const Endpoint& other, Way way) {
  Permitted made;
  const Endpoint& called = way == Way::ingress ? pod : other;
  for (const NetworkPolicy& policy : policies) {
    const bool selects = policy.ns == pod.ns && policy.pods.matches(pod.labels) &&
                         (way == Way::ingress ? policy.ingress : policy.egress);
    if (!selects) continue;
    made.isolated = true;
    const auto& rules = way == Way::ingress ? policy.ingress_rules : policy.egress_rules;
    for (std::size_t i = 0; i < rules.size(); ++i) {
      const bool meant = rules[i].peers.empty() ||
                         std::ranges::any_of(rules[i].peers, [&](const PolicyPeer& peer) {
                           return matches(peer, other, policy.ns);
                         });
      if (!meant) continue;
      Ports ports = ports_of(rules[i], called);
      if (ports.empty()) continue;
      made.ports = made.ports.united(ports);
      made.rules.emplace_back(RuleName{policy.name, way, i}, std::move(ports));
    }
  }
  if (!made.isolated) made.ports = Ports::all();
  return made;
}

}  // namespace raykeep::policy
