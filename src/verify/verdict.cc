#include "verify/verdict.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "control/fields.h"
#include "verify/short_lived.h"

namespace raykeep::verify {
namespace {

using flow::Flow;
using net::Fate;
using policy::Difference;
using policy::Endpoint;
using policy::NetworkPolicy;
using policy::Way;

Fault fault_of(const Difference& difference, const std::string& cluster) {
  Fault fault;
  const std::string flows = fmt::format("{}", fmt::join(difference.flows, ", "));
  const std::string up =
      fmt::format("raykeep diff {0} shows the change, raykeep up takes it back", cluster);
  switch (difference.kind) {
    case Difference::Kind::gone:
      fault = {.code = std::string(code::policy_gone),
               .severity = Severity::error,
               .object = "NetworkPolicy " + difference.rule.policy,
               .what = difference.flows.empty()
                           ? "it is not there, and nothing else isolates its pods"
                           : fmt::format("it is not there; closed: {}", flows),
               .remedy = "run raykeep up"};
      break;
    case Difference::Kind::missing:
      fault = {.code = std::string(code::rule_missing),
               .severity = Severity::error,
               .object = to_string(difference.rule),
               .what = fmt::format("it should permit {} <> {} on {}; closed: {}", difference.pods,
                                   difference.who, to_string(difference.ports), flows),
               .remedy = up};
      break;
    case Difference::Kind::extra:
      fault = {
          .code = std::string(code::hole),
          .severity = Severity::error,
          .object = to_string(difference.rule),
          .what = fmt::format("it permits {} <> {} on {}, which the flow table does not have",
                              difference.pods, difference.who, to_string(difference.ports)),
          .remedy = difference.ours
                        ? up
                        : "remove the rule; or write the flow into the Site (peers, egress); or "
                          "accept the policy with --accept " +
                              difference.rule.policy};
      break;
    case Difference::Kind::unguarded:
      fault = {.code = std::string(code::unguarded),
               .severity = Severity::error,
               .object = fmt::format("{} {}", difference.rule.policy,
                                     difference.rule.way == Way::ingress ? "ingress" : "egress"),
               .what = difference.rule.way == Way::ingress
                           ? "no NetworkPolicy isolates these pods: everybody may call them"
                           : "no NetworkPolicy isolates these pods: they may call everybody",
               .remedy = "run raykeep up"};
      break;
  }
  return fault;
}

Endpoint endpoint_of(const Standing& standing, const flow::End& end) {
  auto found = std::ranges::find(standing.own, end, &policy::OwnPod::end);
  return found == standing.own.end() ? Endpoint{} : found->endpoint;
}

/// Which live rules permit a flow at the ends that are ours.
std::vector<std::string> permitting(const Standing& standing, const Flow& flow,
                                    const std::string& home) {
  std::vector<std::string> names;
  const policy::PortSet wanted({flow.ports});
  auto look = [&](const flow::End& here, const Endpoint& there, Way way) {
    const Endpoint pod = endpoint_of(standing, here);
    if (pod.ns.empty()) return;
    for (const auto& [rule, ports] : permitted(standing.live, pod, there, way).rules) {
      const policy::PortSet& open = flow.protocol == spec::Protocol::udp ? ports.udp : ports.tcp;
      if (!open.common(wanted).empty()) names.push_back(to_string(rule));
    }
  };
  /// Somebody whom the peer means, for the far end that is not ours.
  auto far = [&](const flow::End& end) {
    Endpoint there = endpoint_of(standing, end);
    if (!there.ns.empty() || flow.peers.empty()) return there;
    const spec::Peer& peer = flow.peers.front();
    if (!peer.cidr.empty())
      return Endpoint{.ns = "", .address = peer.cidr.substr(0, peer.cidr.find('/'))};
    Endpoint made{.ns = home, .labels = peer.pod_labels.value_or(spec::StringMap{})};
    if (peer.namespace_labels) {
      made.namespace_labels = *peer.namespace_labels;
      auto name = made.namespace_labels.find("kubernetes.io/metadata.name");
      made.ns = name == made.namespace_labels.end() ? "elsewhere" : name->second;
    }
    return made;
  };
  look(flow.from, far(flow.to), Way::egress);
  look(flow.to, far(flow.from), Way::ingress);
  return names;
}

std::string told(const Attempt& attempt, const Place& from, const net::Reached& reached) {
  const std::string who = from.kind == Place::Kind::desk ? from.name() : from.pod;
  return fmt::format("{} from {} to {}{}", to_string(reached.fate), who, to_string(attempt.target),
                     from.stand_in && from.kind == Place::Kind::role ? " (a stand-in)" : "");
}

/// A plain word for what came of all attempts for one flow: the worst one.
class Judge {
 public:
  Judge(const JudgeInput& input, Verification& result) : input_(input), result_(result) {
    for (const Difference& difference : input.standing.differences) {
      closed_.insert(difference.flows.begin(), difference.flows.end());
      holes_ |= difference.kind == Difference::Kind::extra ||
                difference.kind == Difference::Kind::unguarded;
    }
  }

  void run() {
    judge_control();
    judge_flows();
    judge_pairs();
    judge_enforcement();
  }

 private:
  const net::Reached* outcome(std::size_t attempt) const {
    auto at = input_.outcomes.find(attempt);
    return at == input_.outcomes.end() ? nullptr : &at->second;
  }

  /// Whether the strangers reach each other: else their silence proves nothing.
  void judge_control() {
    bool wanted = false, tried = false, reached = false;
    for (std::size_t i = 0; i < input_.matrix.attempts.size(); ++i) {
      if (!input_.matrix.attempts[i].control) continue;
      const net::Reached* got = outcome(i);
      wanted = true;
      tried |= got != nullptr;
      reached |= got != nullptr && arrives(got->fate);
    }
    if (!wanted || reached) return;
    result_.faults.push_back(
        {.code = std::string(code::not_proven),
         .severity = Severity::error,
         .object = "stranger->stranger",
         .what = tried ? "two short-lived pods whose policies are open do not reach each other, so "
                         "that silence between strangers and Ray proves nothing"
                       : "the strangers' probes could not be run",
         .remedy = "see whether a policy of another kind (Cilium, Calico, AdminNetworkPolicy) or a "
                   "mesh holds pods of this namespace back"});
  }

  void judge_flows() {
    struct Tried {
      bool good = true;
      std::string result, how, note;
      std::size_t count = 0;
    };
    std::map<std::string, Tried> by_flow;
    for (std::size_t i = 0; i < input_.matrix.attempts.size(); ++i) {
      const Attempt& attempt = input_.matrix.attempts[i];
      if (!attempt.wanted || attempt.control) continue;
      Tried& tried = by_flow[attempt.flow];
      const Place& from = input_.places[attempt.from];
      const net::Reached* got = outcome(i);
      if (got == nullptr) {
        auto why = input_.not_run.find(attempt.from);
        if (tried.result.empty() && tried.note.empty())
          tried.note = why == input_.not_run.end() ? "it was not tried" : why->second;
        continue;
      }
      ++tried.count;
      const bool passes = arrives(got->fate);
      if (tried.result.empty() || (tried.good && !passes)) {
        tried.result = to_string(got->fate);
        tried.how = told(attempt, from, *got);
        tried.note = got->detail;
      }
      tried.good &= passes;
      if (!passes) note_dropped(attempt, from, *got);
      if (passes) note_plaintext(attempt, from, *got);
    }
    std::map<std::string, std::string> untried;
    for (const Untried& each : input_.matrix.untried) untried[each.flow] = each.why;
    std::set<std::string> done;
    for (const Flow& flow : input_.plan.flows) {
      FlowResult made{.id = flow.id(),
                      .from = to_string(flow.from),
                      .to = to_string(flow.to),
                      .ports = to_string(flow.ports),
                      .protocol = std::string(to_string(flow.protocol)),
                      .result = "untested",
                      .good = true,
                      .how = "",
                      .permitted_by = permitting(input_.standing, flow, input_.plan.ns),
                      .note = ""};
      if (auto tried = by_flow.find(made.id); tried != by_flow.end()) {
        if (!tried->second.result.empty()) made.result = tried->second.result;
        made.good = tried->second.good;
        made.how = tried->second.how;
        made.note = tried->second.note;
      } else if (auto why = untried.find(made.id); why != untried.end()) {
        made.note = why->second;
      }
      // What the policies already show to be closed is not good because nobody could try it.
      if (closed_.contains(made.id)) {
        made.good = false;
        if (made.result == "untested") made.note = "closed by what the policies lack; " + made.note;
      }
      if (done.insert(made.id + made.ports + made.protocol).second)
        result_.flows.push_back(std::move(made));
    }
  }

  std::string remedy_for_dropped(const Attempt& attempt) const {
    const auto& flows = input_.plan.flows;
    auto flow =
        std::ranges::find_if(flows, [&](const Flow& each) { return each.id() == attempt.flow; });
    if (flow != flows.end() && flow->administrator)
      return "no NetworkPolicy can say it: has the administrator applied what raykeep site "
             "policies "
             "prints?";
    if (attempt.to != nowhere)
      return "look for policies of another kind (Cilium, Calico, AdminNetworkPolicy) and for a "
             "mesh";
    if (attempt.to_name == "dns")
      return "does spec.dns of the Site name the pods that answer for the cluster's name server, "
             "and "
             "the port that they listen on?";
    return "does the Site name the right address, port and labels? What the far side's own "
           "policies "
           "and firewalls let in, its owners know";
  }

  void note_dropped(const Attempt& attempt, const Place& from, const net::Reached& got) {
    if (closed_.contains(attempt.flow)) return;
    auto known = std::ranges::find_if(result_.faults, [&](const Fault& fault) {
      return fault.code == code::dropped && fault.object == attempt.flow;
    });
    if (known != result_.faults.end()) return;
    result_.faults.push_back(
        {.code = std::string(code::dropped),
         .severity = Severity::error,
         .object = attempt.flow,
         .what = fmt::format("this namespace's policies permit it, and it was {}{}",
                             told(attempt, from, got), got.detail.empty() ? "" : ": " + got.detail),
         .remedy = remedy_for_dropped(attempt)});
  }

  void note_plaintext(const Attempt& attempt, const Place& from, const net::Reached& got) {
    const bool between_pods = attempt.to != nowhere;
    if (!between_pods || got.spoken == net::Spoken::not_tried) return;
    if (input_.encrypted && got.spoken == net::Spoken::answered &&
        from.kind == Place::Kind::stranger)
      result_.faults.push_back({.code = std::string(code::plaintext),
                                .severity = Severity::error,
                                .object = attempt.flow,
                                .what = "plaintext was answered: " + told(attempt, from, got),
                                .remedy = "see docs/encryption.md"});
    const bool known = std::ranges::any_of(result_.faults, [&](const Fault& fault) {
      return fault.code == code::reset && fault.object == attempt.flow;
    });
    if (!input_.encrypted && !known && got.spoken == net::Spoken::reset && got.fate == Fate::open)
      result_.faults.push_back(
          {.code = std::string(code::reset),
           .severity = Severity::warning,
           .object = attempt.flow,
           .what = "plaintext was cut off without a word: " + told(attempt, from, got),
           .remedy = "a mesh or TLS stands there: write spec.tls.mode into the Site"});
  }

  void judge_pairs() {
    struct Seen {
      int tried = 0, blocked = 0, untried = 0;
      std::set<std::string> passed;
      std::string why;
    };
    std::map<std::pair<std::string, std::string>, Seen> pairs;
    std::map<std::pair<std::string, std::string>, std::pair<std::size_t, net::Reached>> examples;
    for (std::size_t i = 0; i < input_.matrix.attempts.size(); ++i) {
      const Attempt& attempt = input_.matrix.attempts[i];
      const net::Reached* got = outcome(i);
      if (attempt.wanted) continue;
      const Place& from = input_.places[attempt.from];
      const std::pair key{from.name(), attempt.to_name};
      Seen& seen = pairs[key];
      if (got == nullptr) {
        ++seen.untried;
        auto why = input_.not_run.find(attempt.from);
        if (why != input_.not_run.end()) seen.why = why->second;
        continue;
      }
      ++seen.tried;
      if (!arrives(got->fate)) {
        ++seen.blocked;
        continue;
      }
      seen.passed.insert(fmt::format("{}{}", attempt.target.port,
                                     attempt.target.protocol == spec::Protocol::udp ? "/UDP" : ""));
      examples.try_emplace(key, i, *got);
    }
    for (const auto& [key, seen] : pairs) {
      PairResult made{.from = key.first,
                      .to = key.second,
                      .tried = seen.tried,
                      .blocked = seen.blocked,
                      .untried = seen.untried,
                      .good = seen.tried == seen.blocked,
                      .note = seen.why};
      if (!made.good) {
        const auto& [index, got] = examples.at(key);
        const Attempt& attempt = input_.matrix.attempts[index];
        made.note = fmt::format("through on {}: {}", fmt::join(seen.passed, ", "),
                                told(attempt, input_.places[attempt.from], got));
        note_passing(made, attempt);
      }
      result_.pairs.push_back(std::move(made));
    }
  }

  /// What gets through and no policy of the namespace explains.
  void note_passing(const PairResult& pair, const Attempt& attempt) {
    if (holes_) return;  // named by rule already
    result_.faults.push_back(
        {.code = std::string(code::passes),
         .severity = Severity::error,
         .object = fmt::format("{}->{}", pair.from, pair.to),
         .what = fmt::format("no NetworkPolicy permits it, and it gets {}", pair.note),
         .remedy =
             attempt.to_name == "API server"
                 ? "a policy of another kind, or the enforcer lets pods reach the API server: "
                   "ask who runs the network"
                 : "look for policies of another kind (Cilium, Calico, AdminNetworkPolicy) that "
                   "permit it"});
  }

  /// When nothing at all is blocked, that is one fault and not one for each pair.
  void judge_enforcement() {
    int tried = 0, blocked = 0;
    for (const PairResult& pair : result_.pairs) {
      if (pair.from == "this machine") continue;
      tried += pair.tried;
      blocked += pair.blocked;
    }
    // A port where UDP gets no answer looks blocked without a policy.
    if (tried == 0 || blocked * 2 > tried) return;
    const bool guarded = std::ranges::none_of(
        result_.faults, [](const Fault& fault) { return fault.code == code::unguarded; });
    if (!guarded) return;
    std::erase_if(result_.faults, [](const Fault& fault) { return fault.code == code::passes; });
    result_.faults.insert(
        result_.faults.begin(),
        {.code = std::string(code::not_enforced),
         .severity = Severity::error,
         .object = "namespace " + input_.plan.ns,
         .what = fmt::format("{} of {} attempts got through that the policies forbid",
                             tried - blocked, tried),
         .remedy = "ask who runs the cluster's network whether it enforces NetworkPolicies"});
  }

  const JudgeInput& input_;
  Verification& result_;
  std::set<std::string> closed_;  // flows that the policies show to be closed
  bool holes_ = false;
};

}  // namespace

Standing standing(const plan::Plan& plan, const std::vector<doc::Value>& live,
                  const std::vector<std::string>& accepted) {
  Standing made;
  made.own = own_pods(plan);
  for (const doc::Value& object : plan.objects) {
    if (control::kind_of(object) != "NetworkPolicy") continue;
    auto read = policy::parse_network_policy(object);
    if (read) made.planned.push_back(std::move(*read));
  }
  for (const doc::Value& object : live) {
    const std::string name(control::name_of(object));
    if (!control::label_of(object, short_lived_label).empty() ||
        std::ranges::find(accepted, name) != accepted.end())
      continue;
    auto read = policy::parse_network_policy(object);
    if (read) {
      made.live.push_back(std::move(*read));
    } else {
      made.faults.push_back({.code = std::string(code::not_understood),
                             .severity = Severity::error,
                             .object = "NetworkPolicy " + name,
                             .what = read.error().text,
                             .remedy = "a newer Raykeep may know it"});
    }
  }
  made.differences = policy::compare({plan.flows, made.planned, made.live, made.own});
  return made;
}

std::vector<Fault> judge_policies(const plan::Plan& plan, const Standing& standing,
                                  const std::vector<doc::Value>& pods) {
  std::vector<Fault> faults = standing.faults;
  for (const Difference& difference : standing.differences)
    faults.push_back(fault_of(difference, plan.cluster));
  for (const doc::Value& pod : pods) {
    if (control::label_of(pod, plan::cluster_label) != plan.cluster || control::is_going(pod))
      continue;
    if (role_of(pod, plan.cluster)) continue;
    faults.push_back({.code = std::string(code::pod_unselected),
                      .severity = Severity::error,
                      .object = fmt::format("Pod {}", control::name_of(pod)),
                      .what = "it belongs to the cluster and lacks the labels by which its policy "
                              "finds it",
                      .remedy = "delete the pod: its controller makes another"});
  }
  return faults;
}

std::vector<int> further_ports(const Standing& standing) {
  constexpr std::size_t most_of_holes = 8;
  std::vector<int> ports;
  for (const Difference& difference : standing.differences) {
    if (difference.kind != Difference::Kind::extra || difference.ports == policy::Ports::all())
      continue;
    for (const auto* set : {&difference.ports.tcp, &difference.ports.udp}) {
      for (const spec::PortRange& range : set->ranges()) {
        if (ports.size() < most_of_holes && std::ranges::find(ports, range.first) == ports.end())
          ports.push_back(range.first);
      }
    }
  }
  for (const policy::OwnPod& own : standing.own) {
    for (const auto& [name, port] : own.endpoint.named_ports) ports.push_back(port.second);
  }
  return ports;
}

void judge(const JudgeInput& input, Verification& result) { Judge(input, result).run(); }

}  // namespace raykeep::verify
