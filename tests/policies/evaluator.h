// What a namespace's NetworkPolicies permit, after the documentation of networking.k8s.io/v1 and
// nothing else: it knows neither how Raykeep makes policies nor what they are for, so that the two
// can disagree.
//
// The rules in short. A policy selects pods of its own namespace. A pod that a policy selects for a
// direction is isolated there: only what a rule of some such policy permits passes, and rules only
// add. A rule permits the peers of `from`/`to` on its `ports`; an absent or empty list of either is
// everybody, or every port. A peer with two selectors is "these pods in those namespaces", one with
// podSelector alone is of the policy's own namespace. A port without protocol is TCP, without a
// number every one; a name is that of the receiving pod's port.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "doc/json.h"
#include "endpoint.h"
#include "port_set.h"

namespace raykeep::policies {

/// matchLabels and matchExpressions. An empty selector matches everything.
class Selector {
 public:
  explicit Selector(const doc::Value& written);
  bool matches(const Labels& labels) const;

 private:
  struct Requirement {
    std::string key, op;
    std::vector<std::string> values;
  };
  std::vector<Requirement> requirements_;
};

class Policies {
 public:
  /// Objects of other kinds are passed by. Throws on what the API server would refuse.
  explicit Policies(const std::vector<doc::Value>& objects);

  /// The same with another policy in place of the n-th, or without it where that is null.
  Policies with(std::size_t n, const doc::Value& changed) const;

  /// One direction of one pod: what it may send, or what it takes, as far as its own policies go.
  /// Both must outlive it.
  class Side;
  Side side(const Endpoint& subject, bool ingress) const;

  /// What `from` may open to `to` as far as `from`'s own policies go; everything where none
  /// isolates it.
  PortSet sends(const Endpoint& from, const Endpoint& to) const;

  /// What `to` takes from `from` as far as `to`'s own policies go.
  PortSet accepts(const Endpoint& from, const Endpoint& to) const;

 private:
  struct Peer {
    std::optional<Selector> namespaces, pods;
    std::optional<Block> addresses;
    std::vector<Block> except;
  };
  struct Port {
    std::string protocol, name;
    int first = 1, last = 65535;
  };
  struct Rule {
    std::vector<Peer> peers;  // empty: everybody
    std::vector<Port> ports;  // empty: every one
  };
  struct Policy {
    std::string ns;
    Selector pods;
    bool ingress = false, egress = false;
    std::vector<Rule> ingress_rules, egress_rules;
  };

  static std::shared_ptr<const Policy> read_policy(const doc::Value& object);
  static Peer read_peer(const doc::Value& written);
  static Port read_port(const doc::Value& written);
  static std::vector<Rule> read_rules(const doc::Value& spec, const char* direction,
                                      const char* peers);
  static bool matches(const Policy& policy, const Rule& rule, const Endpoint& other);

  std::vector<std::shared_ptr<const Policy>> policies_;
};

class Policies::Side {
 public:
  bool isolated() const { return isolated_; }
  /// Everything where the pod is not isolated.
  PortSet permitted(const Endpoint& other) const;

 private:
  friend class Policies;
  const Endpoint* subject_ = nullptr;
  bool ingress_ = false;
  bool isolated_ = false;
  std::vector<std::pair<const Policy*, const Rule*>> rules_;
};

}  // namespace raykeep::policies
