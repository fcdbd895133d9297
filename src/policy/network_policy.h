// What a set of NetworkPolicies permits, by the rules of networking.k8s.io/v1: policies add up; a
// pod that no policy selects for a direction is open in it; absent peers mean everybody, absent
// ports every port. An ipBlock is for addresses outside the cluster: whether it also selects pods
// is left open by Kubernetes, and enforcers that know pods by their labels (Cilium) say no.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "doc/json.h"
#include "policy/port_set.h"
#include "spec/string_map.h"

namespace raykeep::policy {

/// Who sends or receives: a pod with its labels, or an address outside.
struct Endpoint {
  std::string ns;                         // of a pod; empty: an address outside
  spec::StringMap namespace_labels = {};  // kubernetes.io/metadata.name is added by itself
  spec::StringMap labels = {};
  std::string address = {};  // "10.0.0.1"; of an outside one
  std::map<std::string, std::pair<spec::Protocol, int>> named_ports = {};

  bool is_outside() const { return ns.empty(); }
};

/// "pods with app=x", "pods with app=x in namespace monitoring", "10.0.0.1".
std::string to_string(const Endpoint& endpoint, const std::string& home);

struct Requirement {
  enum class Operator { in, not_in, exists, does_not_exist } op;
  std::string key;
  std::vector<std::string> values;
};

struct LabelSelector {
  spec::StringMap labels = {};
  std::vector<Requirement> requirements = {};

  bool matches(const spec::StringMap& of) const;
  /// Sets of labels that it matches, each as small as possible: one for each listed value, at most
  /// 16. None when it contradicts itself.
  std::vector<spec::StringMap> examples() const;
};

struct PolicyPeer {
  std::optional<LabelSelector> namespaces = {};  // absent: the policy's own
  std::optional<LabelSelector> pods = {};        // absent: all of those namespaces
  std::string cidr = {};                         // instead of both
  std::vector<std::string> except = {};
};

struct PolicyPort {
  spec::Protocol protocol = spec::Protocol::tcp;
  spec::PortRange range{0, 65535};
  std::string name = {};  // instead of a number: the target pod's container port of that name
};

struct PolicyRule {
  std::vector<PolicyPeer> peers = {};  // empty: everybody
  std::vector<PolicyPort> ports = {};  // empty: every port
};

struct NetworkPolicy {
  std::string ns = {};
  std::string name = {};
  LabelSelector pods = {};
  bool ingress = false, egress = false;  // the directions that it isolates
  std::vector<PolicyRule> ingress_rules = {}, egress_rules = {};
};

/// The error names the field that is not understood: a rule that is not understood could permit
/// anything.
Result<NetworkPolicy> parse_network_policy(const doc::Value& object);

/// Does the peer of a policy in namespace `home` mean this endpoint?
bool matches(const PolicyPeer& peer, const Endpoint& endpoint, const std::string& home);

enum class Way { ingress, egress };

/// One rule of one policy: "NetworkPolicy demo-head ingress[1]".
struct RuleName {
  std::string policy;
  Way way = Way::ingress;
  std::size_t index = 0;
  auto operator<=>(const RuleName&) const = default;
};
std::string to_string(const RuleName& rule);

struct Permitted {
  bool isolated = false;  // some policy selects the pod for this direction
  Ports ports = {};       // everything when it is not isolated
  std::vector<std::pair<RuleName, Ports>> rules =
      {};  // which rule permits what; empty parts left out
};

/// What `pod` may exchange with `other` as far as pod's own policies say: Way::ingress from
/// `other`, Way::egress to it. `ports` are those of the side that is called.
Permitted permitted(const std::vector<NetworkPolicy>& policies, const Endpoint& pod,
                    const Endpoint& other, Way way);

}  // namespace raykeep::policy
