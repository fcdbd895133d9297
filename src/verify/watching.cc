#include "verify/watching.h"

#include <algorithm>
#include <set>

#include <boost/asio/this_coro.hpp>

#include <fmt/format.h>

#include "control/fields.h"
#include "control/inventory.h"
#include "net/task_group.h"
#include "policy/compare.h"
#include "verify/places.h"

namespace raykeep::verify {
namespace {

using boost::asio::awaitable;
using flow::Flow;
using flow::Role;

constexpr std::size_t most_pods = 64;

class TalkJudge {
 public:
  TalkJudge(const plan::Plan& plan, const Addresses& addresses)
      : plan_(plan), addresses_(addresses) {}

  void hear(const PodTalks& pod) {
    for (const Talk& talk : pod.talks) {
      const Flow* flow = flow_of(pod.end, talk);
      if (flow != nullptr) used_.insert(flow->id());
      if (flow == nullptr && was_pod(pod.end, talk)) {
        gone(pod, talk);
      } else if (flow == nullptr && !is_kubelet(talk)) {
        unknown(pod, talk);
      }
      if (!talk.answered && !talk.inbound) unanswered(pod, talk, flow);
    }
  }

  std::vector<Fault> take() {
    std::set<std::string> told;
    for (const Flow& flow : plan_.flows) {
      const std::string id = flow.id();
      const bool ours = is_pod(flow.from.role) || is_pod(flow.to.role);
      if (!ours || used_.contains(id) || !told.insert(id).second) continue;
      faults_.push_back({.code = std::string(code::unused_flow),
                         .severity = Severity::notice,
                         .object = id,
                         .what = "nobody used it while the sockets were watched",
                         .remedy = ""});
    }
    return std::move(faults_);
  }

 private:
  /// May `flow`'s far end have this address? Of the outside only what its peers say is known; name
  /// servers and the like are called by a Service's address, which no peer names: there the port
  /// has to do.
  bool may_be(const Flow& flow, const flow::End& far, const std::string& address) const {
    if (auto role = addresses_.roles.find(address); role != addresses_.roles.end())
      return role->second == far;
    if (flow.anyone) return true;
    if (flow.peers.empty()) return false;
    policy::Endpoint endpoint{.ns = "", .address = address};
    if (auto pod = addresses_.other_pods.find(address); pod != addresses_.other_pods.end()) {
      endpoint = {.ns = addresses_.ns};
      if (const doc::Object* labels = doc::find_object(pod->second, {"metadata", "labels"})) {
        for (const auto& [key, value] : *labels)
          if (value.is_string()) endpoint.labels[std::string(key)] = value.get_string().c_str();
      }
    }
    return std::ranges::any_of(flow.peers, [&](const spec::Peer& peer) {
      // A pod of another namespace cannot be told from its address; a Service's neither.
      if (peer.cidr.empty() && endpoint.is_outside()) return true;
      return policy::means(peer, endpoint, addresses_.ns);
    });
  }

  const Flow* flow_of(const flow::End& here, const Talk& talk) const {
    for (const Flow& flow : plan_.flows) {
      const flow::End& near = talk.inbound ? flow.to : flow.from;
      const flow::End& far = talk.inbound ? flow.from : flow.to;
      const bool dns_port = flow.to.role == Role::dns && talk.port == 53;
      if (near == here && flow.protocol == talk.protocol &&
          (flow.ports.holds(talk.port) || dns_port) && may_be(flow, far, talk.remote))
        return &flow;
    }
    return nullptr;
  }

  /// An address among those of pods that no pod has now, on a port that Ray's pods have among each
  /// other: sockets towards a pod outlive it by a minute.
  bool was_pod(const flow::End& here, const Talk& talk) const {
    if (addresses_.roles.contains(talk.remote) || addresses_.others.contains(talk.remote))
      return false;
    const bool among_pods = std::ranges::any_of(addresses_.roles, [&](const auto& pod) {
      return network_of(pod.first) == network_of(talk.remote);
    });
    return among_pods && std::ranges::any_of(plan_.flows, [&](const Flow& flow) {
             return (talk.inbound ? flow.to : flow.from) == here && flow.peers.empty() &&
                    !flow.anyone && flow.protocol == talk.protocol && flow.ports.holds(talk.port);
           });
  }

  /// The first half of an IPv4 address, the first four groups of an IPv6 one.
  static std::string_view network_of(std::string_view address) {
    const bool v6 = address.contains(':');
    std::size_t end = 0;
    for (int part = 0; part < (v6 ? 4 : 2) && end != address.npos; ++part)
      end = address.find(v6 ? ':' : '.', end == 0 ? 0 : end + 1);
    return address.substr(0, end);
  }

  /// The kubelet's probes come from the node, which policies let in (NetworkPolicy's
  /// documentation).
  bool is_kubelet(const Talk& talk) const {
    return talk.inbound && !addresses_.roles.contains(talk.remote) &&
           !addresses_.others.contains(talk.remote) && probed_ports().contains(talk.port);
  }

  std::set<int> probed_ports() const {
    std::set<int> ports;
    for (const doc::Value& object : plan_.objects) {
      for (const doc::Value& container :
           control::list_at(object, {"spec", "template", "spec", "containers"})) {
        for (const char* probe : {"livenessProbe", "readinessProbe", "startupProbe"}) {
          if (std::int64_t port = control::integer_at(container, {probe, "httpGet", "port"}))
            ports.insert(static_cast<int>(port));
        }
      }
    }
    return ports;
  }

  std::string who(const std::string& address) const {
    if (auto role = addresses_.roles.find(address); role != addresses_.roles.end())
      return fmt::format("{} ({})", to_string(role->second), address);
    if (auto other = addresses_.others.find(address); other != addresses_.others.end())
      return fmt::format("{} ({})", other->second, address);
    return address;
  }

  std::string conversation(const PodTalks& pod, const Talk& talk) const {
    const std::string here = to_string(pod.end), there = who(talk.remote);
    return fmt::format("{}->{}:{}/{}", talk.inbound ? there : here, talk.inbound ? here : there,
                       talk.port, to_string(talk.protocol));
  }

  void add(std::string_view code, Severity severity, std::string object, std::string what,
           std::string remedy) {
    Fault fault{.code = std::string(code),
                .severity = severity,
                .object = std::move(object),
                .what = std::move(what),
                .remedy = std::move(remedy)};
    const bool known = std::ranges::any_of(faults_, [&](const Fault& each) {
      return each.code == fault.code && each.object == fault.object;
    });
    if (!known) faults_.push_back(std::move(fault));
  }

  void unknown(const PodTalks& pod, const Talk& talk) {
    add(code::unknown_flow, Severity::error, conversation(pod, talk),
        fmt::format("it was {} in pod {} and is not in the flow table",
                    talk.answered ? "used" : "tried", pod.pod),
        talk.inbound ? "find out who calls; a caller that may belongs into the Site's peers"
                     : "if the application needs it, write it into the Site's egress");
  }

  void gone(const PodTalks& pod, const Talk& talk) {
    add(code::unknown_flow, Severity::notice, conversation(pod, talk),
        fmt::format("pod {} has a socket of it; no pod has that address now: one that went",
                    pod.pod),
        "");
  }

  void unanswered(const PodTalks& pod, const Talk& talk, const Flow* flow) {
    if (flow == nullptr) return;  // told already
    add(code::unanswered, Severity::error, flow->id(),
        fmt::format("pod {} called {} port {}, and nothing came back", pod.pod, who(talk.remote),
                    talk.port),
        "see the other faults: raykeep verify tries this flow");
  }

  const plan::Plan& plan_;
  const Addresses& addresses_;
  std::set<std::string> used_;
  std::vector<Fault> faults_;
};

/// One pod; a failure is told, not thrown, so that the others are still heard.
awaitable<void> watch_pod(const control::Access& access, std::string ns, Place place, Duration span,
                          std::vector<PodTalks>& seen, std::vector<std::string>& problems) {
  try {
    seen.push_back({place.pod, place.end, co_await watch_in(access, ns, program_of(place), span)});
  } catch (const Failure& failure) {
    if (failure.kind() == Failure::Kind::cancelled) throw;
    problems.push_back(fmt::format("{}: {}", place.pod, failure.what()));
  }
}

}  // namespace

Addresses addresses_of(const plan::Plan& plan, const std::vector<doc::Value>& pods,
                       const std::vector<doc::Value>& services) {
  Addresses made{.roles = {}, .others = {}, .other_pods = {}, .ns = plan.ns};
  for (const doc::Value& pod : pods) {
    const std::string ip(doc::find_string(pod, {"status", "podIP"}));
    if (ip.empty()) continue;
    if (auto end = role_of(pod, plan.cluster)) {
      made.roles[ip] = *end;
    } else {
      made.others[ip] = fmt::format("Pod {}", control::name_of(pod));
      made.other_pods[ip] = pod;
    }
  }
  for (const doc::Value& service : services) {
    const std::string ip(doc::find_string(service, {"spec", "clusterIP"}));
    if (!ip.empty() && ip != "None")
      made.others[ip] = fmt::format("Service {}", control::name_of(service));
  }
  return made;
}

std::vector<Fault> judge_talks(const plan::Plan& plan, const Addresses& addresses,
                               const std::vector<PodTalks>& seen) {
  TalkJudge judge(plan, addresses);
  for (const PodTalks& pod : seen) judge.hear(pod);
  return judge.take();
}

awaitable<std::vector<Fault>> watch(const control::Access& access, const plan::Plan& plan,
                                    const std::vector<doc::Value>& pods, Duration span,
                                    std::function<void(const std::string&)> say) {
  std::vector<Place> places = every_place_of(pods, plan.cluster);
  std::erase_if(places, [](const Place& place) {
    return place.program.empty() || place.end.role == Role::controller;
  });
  if (places.size() > most_pods) places.resize(most_pods);
  say(fmt::format("watching the sockets of {} pods for {} s", places.size(),
                  std::chrono::duration_cast<std::chrono::seconds>(span).count()));
  std::vector<PodTalks> seen;
  std::vector<std::string> problems;
  {
    net::TaskGroup tasks(co_await boost::asio::this_coro::executor);
    for (const Place& place : places)
      tasks.spawn(watch_pod(access, plan.ns, place, span, seen, problems));
    co_await tasks.finish();
    auto state = co_await boost::asio::this_coro::cancellation_state;
    if (state.cancelled() != boost::asio::cancellation_type::none)
      throw Failure(Failure::Kind::cancelled, "watch: stopped");
  }
  for (const std::string& problem : problems) say("not watched: " + problem);
  kube::List after =
      co_await access.client.list(control::kinds::pod, plan.ns, {}, access.request());
  kube::List services =
      co_await access.client.list(control::kinds::service, plan.ns, {}, access.request());
  // Pods that came and went meanwhile are known from one list or the other.
  std::vector<doc::Value> all = pods;
  all.insert(all.end(), after.items.begin(), after.items.end());
  co_return judge_talks(plan, addresses_of(plan, all, services.items), seen);
}

}  // namespace raykeep::verify
