#include "policy/compare.h"

#include <algorithm>
#include <array>
#include <map>

#include <fmt/format.h>

#include "spec/cidr.h"
#include "spec/peers.h"

namespace raykeep::policy {
namespace {

using flow::Flow;

constexpr std::string_view elsewhere = "raykeep-elsewhere";

Endpoint pod(std::string ns, spec::StringMap labels, spec::StringMap namespace_labels = {}) {
  return {.ns = std::move(ns),
          .namespace_labels = std::move(namespace_labels),
          .labels = std::move(labels)};
}

Endpoint outside(std::string address) { return {.ns = "", .address = std::move(address)}; }

std::string text_of(const std::array<std::uint8_t, 16>& bytes, bool is_v6) {
  if (!is_v6) return fmt::format("{}.{}.{}.{}", bytes[0], bytes[1], bytes[2], bytes[3]);
  std::string text;
  for (std::size_t i = 0; i < 16; i += 2)
    text += fmt::format("{}{:x}", i == 0 ? "" : ":", bytes[i] << 8 | bytes[i + 1]);
  return text;
}

/// The first and the last address of a block.
std::vector<Endpoint> edges_of(const std::string& block) {
  auto cidr = spec::parse_cidr(block);
  if (!cidr) return {};
  std::array<std::uint8_t, 16> first = cidr->bytes, last = cidr->bytes;
  for (int bit = cidr->prefix; bit < (cidr->is_v6 ? 128 : 32); ++bit) {
    const auto byte = static_cast<std::size_t>(bit / 8);
    const auto mask = static_cast<std::uint8_t>(0x80u >> (bit % 8));
    first[byte] = static_cast<std::uint8_t>(first[byte] & ~mask);
    last[byte] = static_cast<std::uint8_t>(last[byte] | mask);
  }
  return {outside(text_of(first, cidr->is_v6)), outside(text_of(last, cidr->is_v6))};
}

void add_examples(const PolicyPeer& peer, const std::string& home, std::vector<Endpoint>& out) {
  if (!peer.cidr.empty()) {
    std::ranges::move(edges_of(peer.cidr), std::back_inserter(out));
    for (const std::string& block : peer.except)
      std::ranges::move(edges_of(block), std::back_inserter(out));
    return;
  }
  std::vector<spec::StringMap> pods = {{}};
  if (peer.pods) pods = peer.pods->examples();
  for (const spec::StringMap& labels : pods) {
    if (!peer.namespaces) {
      out.push_back(pod(home, labels));
      continue;
    }
    for (spec::StringMap of_namespace : peer.namespaces->examples()) {
      auto name = of_namespace.find(spec::kNamespaceNameLabel);
      std::string ns = name == of_namespace.end() ? std::string(elsewhere) : name->second;
      if (name != of_namespace.end()) of_namespace.erase(name);
      out.push_back(pod(ns, labels, of_namespace));
      if (ns == elsewhere && of_namespace.empty()) out.push_back(pod(home, labels));
    }
  }
}

/// Everybody who makes a difference to some rule, and some who should make none.
std::vector<Endpoint> far_ends(const Comparison& input, const std::string& home) {
  std::vector<Endpoint> out = {pod(home, {}), pod(std::string(elsewhere), {}),
                               outside("192.0.2.1")};  // TEST-NET-1, RFC 5737
  for (const OwnPod& own : input.own) {
    out.push_back(own.endpoint);
    // The same labels in another namespace are somebody else.
    out.push_back(pod(std::string(elsewhere), own.endpoint.labels));
  }
  for (const auto* policies : {&input.planned, &input.live}) {
    for (const NetworkPolicy& policy : *policies) {
      for (const auto* rules : {&policy.ingress_rules, &policy.egress_rules}) {
        for (const PolicyRule& rule : *rules) {
          for (const PolicyPeer& peer : rule.peers) add_examples(peer, home, out);
        }
      }
    }
  }
  return out;
}

bool same(const Endpoint& a, const Endpoint& b) {
  return a.ns == b.ns && a.labels == b.labels && a.namespace_labels == b.namespace_labels &&
         a.address == b.address;
}

const OwnPod* own_at(const Comparison& input, const Endpoint& endpoint) {
  auto found = std::ranges::find_if(
      input.own, [&](const OwnPod& own) { return same(own.endpoint, endpoint); });
  return found == input.own.end() ? nullptr : &*found;
}

/// The ids of the flows between these two in this direction on some of these ports.
std::vector<std::string> flows_on(const Comparison& input, const OwnPod& own, const Endpoint& other,
                                  Way way, const Ports& ports) {
  std::vector<std::string> ids;
  const OwnPod* far = own_at(input, other);
  for (const Flow& flow : input.flows) {
    const flow::End& here = way == Way::ingress ? flow.to : flow.from;
    const flow::End& there = way == Way::ingress ? flow.from : flow.to;
    if (here != own.end) continue;
    const bool meant = flow.peers.empty()
                           ? far != nullptr && far->end == there
                           : std::ranges::any_of(flow.peers, [&](const spec::Peer& peer) {
                               return means(peer, other, own.endpoint.ns);
                             });
    PortSet range({flow.ports});
    const PortSet& mine = flow.protocol == spec::Protocol::udp ? ports.udp : ports.tcp;
    if (meant && !range.common(mine).empty()) ids.push_back(flow.id());
  }
  return ids;
}

void join_unique(std::vector<std::string>& into, const std::vector<std::string>& more) {
  for (const std::string& each : more) {
    if (std::ranges::find(into, each) == into.end()) into.push_back(each);
  }
}

/// Differences by rule, as they are found one far end after the other.
class Book {
 public:
  explicit Book(const Comparison& input) : input_(input) {}

  void look_at(const OwnPod& own, const Endpoint& other, Way way) {
    const Permitted planned = permitted(input_.planned, own.endpoint, other, way);
    const Permitted live = permitted(input_.live, own.endpoint, other, way);
    const Ports missing = planned.ports.without(live.ports);
    const Ports extra = live.ports.without(planned.ports);
    for (const auto& [rule, ports] : planned.rules) {
      const Ports part = ports.common(missing);
      if (part.empty()) continue;
      const bool gone = is_gone(rule.policy);
      const RuleName name = gone ? RuleName{rule.policy, {}, 0} : rule;
      note(gone ? Difference::Kind::gone : Difference::Kind::missing, name, own, other, part,
           flows_on(input_, own, other, way, part));
    }
    if (!live.isolated && planned.isolated) {
      note(Difference::Kind::unguarded, {to_string(own.end), way, 0}, own, other, extra, {});
      for (const auto& [rule, ports] : planned.rules) {
        if (is_gone(rule.policy))
          note(Difference::Kind::gone, {rule.policy, {}, 0}, own, other, ports, {});
      }
      return;
    }
    for (const auto& [rule, ports] : live.rules) {
      const Ports part = ports.common(extra);
      if (!part.empty()) note(Difference::Kind::extra, rule, own, other, part, {});
    }
  }

  std::vector<Difference> take() {
    std::vector<Difference> out;
    for (auto& [key, difference] : found_) out.push_back(std::move(difference));
    return out;
  }

 private:
  bool is_gone(const std::string& policy) const {
    return std::ranges::find(input_.live, policy, &NetworkPolicy::name) == input_.live.end();
  }

  void note(Difference::Kind kind, RuleName rule, const OwnPod& own, const Endpoint& other,
            const Ports& ports, const std::vector<std::string>& flows) {
    auto [at, is_new] = found_.try_emplace({kind, rule});
    Difference& difference = at->second;
    if (is_new) {
      const bool ours = std::ranges::find(input_.planned, rule.policy, &NetworkPolicy::name) !=
                        input_.planned.end();
      difference = {.kind = kind,
                    .rule = rule,
                    .ours = ours,
                    .pods = {},
                    .who = {},
                    .ports = {},
                    .flows = {}};
    }
    difference.ports = difference.ports.united(ports);
    join_unique(difference.flows, flows);
    add_word(difference.pods, to_string(own.end));
    const OwnPod* far = own_at(input_, other);
    add_word(difference.who,
             far != nullptr ? to_string(far->end) : to_string(other, own.endpoint.ns));
  }

  /// At most four, then an ellipsis.
  static void add_word(std::string& list, const std::string& word) {
    const std::string separated = "; " + list + "; ";
    if (separated.contains("; " + word + "; ") || list.ends_with("; ...")) return;
    if (std::ranges::count(list, ';') >= 3) {
      list += "; ...";
    } else {
      list += (list.empty() ? "" : "; ") + word;
    }
  }

  const Comparison& input_;
  std::map<std::pair<Difference::Kind, RuleName>, Difference> found_;
};

}  // namespace

bool means(const spec::Peer& peer, const Endpoint& endpoint, const std::string& home) {
  if (!peer.fqdn.empty()) return false;  // a name is no NetworkPolicy's
  PolicyPeer made{.cidr = peer.cidr, .except = peer.except};
  if (peer.namespace_labels) made.namespaces = LabelSelector{.labels = *peer.namespace_labels};
  if (peer.pod_labels) made.pods = LabelSelector{.labels = *peer.pod_labels};
  return matches(made, endpoint, home);
}

std::vector<Difference> compare(const Comparison& input) {
  if (input.own.empty()) return {};
  std::vector<Endpoint> others;
  for (Endpoint& one : far_ends(input, input.own.front().endpoint.ns)) {
    const bool known =
        std::ranges::any_of(others, [&](const Endpoint& before) { return same(before, one); });
    if (!known) others.push_back(std::move(one));
  }
  Book book(input);
  for (const OwnPod& own : input.own) {
    for (const Endpoint& other : others) {
      book.look_at(own, other, Way::ingress);
      book.look_at(own, other, Way::egress);
    }
  }
  return book.take();
}

}  // namespace raykeep::policy
