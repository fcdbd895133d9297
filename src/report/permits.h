// Which rule of which NetworkPolicy lets a flow through, found by reading the policies as their
// enforcer does. It knows nothing of how Raykeep writes them, so it is a check, too: a flow that no
// rule permits, and what a rule permits without a flow that needs it.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "doc/json.h"
#include "flow/flow.h"

namespace raykeep::report {

using Labels = std::map<std::string, std::string, std::less<>>;

/// What lets a flow through at one end of it.
struct Permit {
  /// Is the end a pod of this cluster? Else its own side's policies decide, which are not ours.
  bool ours = false;
  bool open = false;  // no policy guards the pods: everything is let through
  /// "NetworkPolicy demo-head ingress[1]"; several where the peers of a flow need several. Empty
  /// though the end is ours and not open: it is not let through.
  std::vector<std::string> rules;
};

/// A part of a rule that no flow needs: who or what can talk beyond the flow table.
struct Excess {
  std::string policy;
  std::string rule;  // "NetworkPolicy demo-head ingress[1]"
  std::string what;  // "ports 22/TCP"
  bool operator==(const Excess&) const = default;
};

class Permits {
 public:
  /// Reads the NetworkPolicies, and the labels of the pods that StatefulSets and Deployments make,
  /// from a cluster's objects. `others`: policies of the namespace that are not the cluster's; they
  /// count where they select its pods.
  explicit Permits(const std::vector<doc::Value>& objects,
                   const std::vector<doc::Value>& others = {});

  Permit of(const flow::Flow& flow, bool ingress);

  /// After of() was asked for every flow, both ends: what was never needed.
  std::vector<Excess> excess() const;

 private:
  struct Range {
    spec::Protocol protocol = spec::Protocol::tcp;
    int first = 0, last = 0;
    auto operator<=>(const Range&) const = default;
  };
  struct Peer {
    std::optional<Labels> pods;  // of this namespace, by matchLabels
    doc::Object written;         // as it stands in the policy
    bool used = false;
    bool outside = false;  // by a flow whose far end is so written in the Site
  };
  struct Rule {
    std::string name;
    std::vector<Peer> peers;  // none: everybody
    std::vector<Range> ports;
    bool all_ports = false;             // none are written
    std::vector<std::string> unjudged;  // ports by name, and protocols that Ray has no use for
    std::set<Range> needed;             // by flows that came through here
  };
  struct Policy {
    std::string name;
    Labels selector;
    bool selects_by_labels = true;
    std::vector<Rule> ingress, egress;
    bool guards_ingress = false, guards_egress = false;
  };

  void add_policy(const doc::Value& object);
  bool selects_pods(const Policy& policy) const;
  static void add_port(const doc::Value& written, Rule& rule);
  static std::vector<Rule> rules(const doc::Value& policy, bool ingress);
  const Labels* labels_of(const flow::End& end) const;
  static bool covers(const Rule& rule, Range wanted);
  static void add_excess(const std::string& policy, const Rule& rule, std::vector<Excess>& found);
  bool admits(Rule& rule, const flow::Flow& flow, const spec::Peer* peer, const flow::End& far);

  std::vector<Policy> policies_;
  std::map<std::string, Labels> pods_;  // by "head", "redis" or "worker/GROUP"
};

}  // namespace raykeep::report
