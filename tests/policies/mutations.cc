#include "mutations.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace raykeep::policies {
namespace {

using doc::Array;
using doc::Object;
using doc::Value;

int number(const Value& port, const char* key) {
  const Value* found = doc::find(port, {key});
  return found == nullptr ? 0 : found->to_number<int>();
}

/// Does another port of the rule cover that one already?
bool covers(const Array& ports, std::string_view protocol, int wanted) {
  return std::ranges::any_of(ports, [&](const Value& port) {
    const int first = number(port, "port"), end = number(port, "endPort");
    return doc::find_string(port, {"protocol"}) == protocol && first <= wanted &&
           wanted <= std::max(first, end);
  });
}

class Mutator {
 public:
  Mutator(const std::vector<Value>& policies, std::size_t index)
      : policy_(policies[index]),
        index_(index),
        name_(doc::find_string(policy_, {"metadata", "name"})) {}

  std::vector<Mutation> run() {
    made_.push_back({name_ + ": taken away", index_, nullptr});
    Object& selected = spec_of(policy_)["podSelector"].get_object()["matchLabels"].get_object();
    for (const auto& label : Object(selected)) {
      change(fmt::format("selects pods without {}", label.key()), [&](Object& spec) {
        spec["podSelector"].get_object()["matchLabels"].get_object().erase(label.key());
      });
    }
    for (const char* type : {"Ingress", "Egress"}) {
      change(fmt::format("no {} among policyTypes", type), [&](Object& spec) {
        auto& types = spec["policyTypes"].get_array();
        types.erase(std::ranges::find(types, Value(type)));
      });
    }
    rules("ingress", "from");
    rules("egress", "to");
    return std::move(made_);
  }

 private:
  static Object& spec_of(Value& policy) { return policy.get_object()["spec"].get_object(); }

  template <class Change>
  void change(const std::string& what, const Change& how) {
    Value changed = policy_;
    how(spec_of(changed));
    made_.push_back({name_ + ": " + what, index_, std::move(changed)});
  }

  template <class Change>
  void change_rule(const char* direction, std::size_t i, const std::string& what,
                   const Change& how) {
    change(fmt::format("{}[{}]: {}", direction, i, what),
           [&](Object& spec) { how(spec[direction].get_array()[i].get_object()); });
  }

  void rules(const char* direction, const char* peers) {
    change(fmt::format("{}: a rule for everything", direction),
           [&](Object& spec) { spec[direction].get_array().push_back(Object{}); });
    const std::size_t count = spec_of(policy_)[direction].get_array().size();
    for (std::size_t i = 0; i < count; ++i) rule(direction, peers, i);
  }

  void rule(const char* direction, const char* peers, std::size_t i) {
    const Object original = spec_of(policy_)[direction].get_array()[i].get_object();
    change(fmt::format("{}[{}]: taken away", direction, i), [&](Object& spec) {
      auto& list = spec[direction].get_array();
      list.erase(list.begin() + static_cast<std::ptrdiff_t>(i));
    });
    change_rule(direction, i, "every port", [](Object& rule) { rule.erase("ports"); });
    const Array& ports = original.at("ports").get_array();
    for (std::size_t j = 0; j < ports.size(); ++j) {
      if (j > 2 && j + 1 < ports.size()) continue;  // long lists: the first ones and the last
      port(direction, i, j, ports);
    }
    const Value* list = original.if_contains(peers);
    if (list == nullptr) return;  // everybody already
    change_rule(direction, i, "everybody", [&](Object& rule) { rule.erase(peers); });
    for (std::size_t j = 0; j < list->get_array().size(); ++j)
      peer(direction, peers, i, j, list->get_array());
  }

  void port(const char* direction, std::size_t i, std::size_t j, const Array& ports) {
    auto change_port = [&](const std::string& what, const auto& how) {
      change_rule(direction, i, fmt::format("ports[{}]: {}", j, what),
                  [&](Object& rule) { how(rule["ports"].get_array()); });
    };
    const std::string protocol(doc::find_string(ports[j], {"protocol"}));
    const int first = number(ports[j], "port");
    const int last = std::max(first, number(ports[j], "endPort"));
    auto rest = ports;
    rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(j));
    if (!rest.empty() && !covers(rest, protocol, first)) {
      change_port("taken away",
                  [&](Array& list) { list.erase(list.begin() + static_cast<std::ptrdiff_t>(j)); });
    }
    if (last < 65535 && !covers(ports, protocol, last + 1)) {
      change_port("one more above",
                  [&](Array& list) { list[j].get_object()["endPort"] = last + 1; });
    }
    if (first > 1 && !covers(ports, protocol, first - 1)) {
      change_port("one more below", [&](Array& list) {
        Object& each = list[j].get_object();
        each["port"] = first - 1;
        each["endPort"] = last;
      });
    }
    if (last > first && !covers(rest, protocol, last)) {
      change_port("one less", [&](Array& list) { list[j].get_object()["endPort"] = last - 1; });
    }
    change_port("the other protocol", [&](Array& list) {
      list[j].get_object()["protocol"] = protocol == "UDP" ? "TCP" : "UDP";
    });
  }

  void peer(const char* direction, const char* peers, std::size_t i, std::size_t j,
            const Array& list) {
    auto change_peer = [&](const std::string& what, const auto& how) {
      change_rule(direction, i, fmt::format("{}[{}]: {}", peers, j, what),
                  [&](Object& rule) { how(rule[peers].get_array()[j].get_object()); });
    };
    if (list.size() > 1) {
      change_rule(direction, i, fmt::format("{}[{}]: taken away", peers, j), [&](Object& rule) {
        auto& all = rule[peers].get_array();
        all.erase(all.begin() + static_cast<std::ptrdiff_t>(j));
      });
    }
    for (const char* selector : {"namespaceSelector", "podSelector"}) {
      const Object* labels = doc::find_object(list[j], {selector, "matchLabels"});
      if (labels == nullptr) continue;
      for (const auto& label : *labels) {
        change_peer(fmt::format("{} without {}", selector, label.key()), [&](Object& peer) {
          peer[selector].get_object()["matchLabels"].get_object().erase(label.key());
        });
      }
    }
    if (doc::find(list[j], {"namespaceSelector"}) == nullptr &&
        doc::find(list[j], {"podSelector"}) != nullptr) {
      change_peer("of every namespace", [](Object& peer) { peer["namespaceSelector"] = Object{}; });
    }
    if (const doc::Value* block = doc::find(list[j], {"ipBlock"})) {
      const std::string cidr(doc::find_string(*block, {"cidr"}));
      const std::size_t slash = cidr.find('/');
      const int prefix = std::stoi(cidr.substr(slash + 1));
      change_peer("twice the addresses", [&](Object& peer) {
        peer["ipBlock"].get_object()["cidr"] =
            fmt::format("{}/{}", cidr.substr(0, slash), prefix - 1);
      });
      if (doc::find(*block, {"except"}) != nullptr)
        change_peer("no exceptions",
                    [](Object& peer) { peer["ipBlock"].get_object().erase("except"); });
    }
  }

  Value policy_;
  std::size_t index_;
  std::string name_;
  std::vector<Mutation> made_;
};

}  // namespace

std::vector<Mutation> mutations(const std::vector<Value>& policies) {
  std::vector<Mutation> made;
  for (std::size_t i = 0; i < policies.size(); ++i) {
    for (Mutation& each : Mutator(policies, i).run()) made.push_back(std::move(each));
  }
  return made;
}

}  // namespace raykeep::policies
