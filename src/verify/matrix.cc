#include "verify/matrix.h"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "policy/compare.h"
#include "spec/cidr.h"

namespace raykeep::verify {
namespace {

using flow::End;
using flow::Flow;
using flow::Role;
using spec::Protocol;

constexpr int api_server_port = 443;
// Of no use to Ray: SSH's, and one that nobody has.
constexpr int others[] = {22, 9999};

/// Every port that is worth a try between pods.
std::vector<int> ports_of_interest(const MatrixInput& input) {
  std::set<int> ports(std::begin(others), std::end(others));
  for (const Flow& flow : input.flows) {
    if (!is_pod(flow.to.role)) continue;
    ports.insert(flow.ports.first);
    if (flow.ports.last == flow.ports.first) continue;
    ports.insert(flow.ports.last);
    ports.insert({flow.ports.first - 1, flow.ports.last + 1});
  }
  ports.insert(input.more.begin(), input.more.end());
  std::erase_if(ports, [](int port) { return port < 1 || port > 65535; });
  return {ports.begin(), ports.end()};
}

class Maker {
 public:
  explicit Maker(const MatrixInput& input) : input_(input), ports_(ports_of_interest(input)) {
    for (const Flow& flow : input.flows)
      by_pair_[{to_string(flow.from), to_string(flow.to)}].push_back(&flow);
  }

  Matrix run() {
    for (std::size_t from = 0; from < input_.places.size(); ++from) {
      const Place& place = input_.places[from];
      const bool can_run = !place.program.empty() || place.kind == Place::Kind::desk;
      if (!can_run) continue;
      for (std::size_t to = 0; to < input_.places.size(); ++to) between(from, to);
      if (place.kind == Place::Kind::role) outward(from);
    }
    note_untried();
    return std::move(made_);
  }

 private:
  const Flow* flow_for(const Place& from, const Place& to, int port, Protocol protocol) const {
    if (from.kind != Place::Kind::role || to.kind != Place::Kind::role) return nullptr;
    auto pair = by_pair_.find({to_string(from.end), to_string(to.end)});
    if (pair == by_pair_.end()) return nullptr;
    for (const Flow* flow : pair->second) {
      if (flow->protocol == protocol && flow->ports.holds(port)) return flow;
    }
    return nullptr;
  }

  void between(std::size_t from, std::size_t to) {
    const Place& source = input_.places[from];
    const Place& target = input_.places[to];
    if (from == to || target.kind == Place::Kind::desk || target.ip.empty()) return;
    const bool callable = target.kind == Place::Kind::stranger || is_pod(target.end.role);
    if (!callable) return;
    // The controller's policy is the namespace's: it calls pods that Raykeep keeps, not stand-ins.
    if (source.end.role == Role::controller && !source.stand_in && target.stand_in) return;
    const bool control =
        source.kind == Place::Kind::stranger && target.kind == Place::Kind::stranger;
    // A stand-in of the short-lived kind is open to everybody it calls: only Ray's own pods are
    // held back from strangers.
    const bool open_source = source.stand_in && source.end.role != Role::worker;
    if (target.kind == Place::Kind::stranger && !control &&
        (open_source || source.kind == Place::Kind::desk))
      return;
    for (int port : ports_) {
      for (Protocol protocol : {Protocol::tcp, Protocol::udp}) {
        if (control && protocol == Protocol::udp) continue;
        const Flow* flow = flow_for(source, target, port, protocol);
        add({.from = from,
             .to = to,
             .to_name = target.name(),
             .target = {protocol, target.ip, port},
             .wanted = control || flow != nullptr,
             .flow = flow == nullptr ? "" : flow->id(),
             .control = control});
      }
    }
  }

  void outward(std::size_t from) {
    const Place& source = input_.places[from];
    bool asks_api_server = false;
    for (const Flow& flow : input_.flows) {
      if (flow.from != source.end) continue;
      if (flow.to.role == Role::dns) {
        // Where the name server's Service has another port than its pods, pods still ask at 53.
        add({from, nowhere, "dns", {flow.protocol, "", 53}, true, flow.id(), false});
      } else if (flow.to.role == Role::redis && !flow.peers.empty()) {
        redis(from, flow);
      } else if (flow.to.role == Role::outside) {
        egress(from, flow);
      } else if (flow.to.role == Role::controller && !source.stand_in) {
        controller(from, flow);
      } else if (flow.to.role == Role::api_server) {
        asks_api_server = true;
        api_server(from, true, flow.id());
      }
    }
    // A stand-in for a caller of ours is open to the outside.
    const bool guarded = source.end.role == Role::head || source.end.role == Role::worker;
    if (guarded && !asks_api_server) api_server(from, false, "");
  }

  void api_server(std::size_t from, bool wanted, std::string flow) {
    add({from,
         nowhere,
         "API server",
         {Protocol::tcp, std::string(name_of_api_server), api_server_port},
         wanted,
         std::move(flow),
         false});
  }

  /// Its other ports are not tried: its policy is the namespace's, not this cluster's.
  void controller(std::size_t from, const Flow& flow) {
    for (std::size_t to = 0; to < input_.places.size(); ++to) {
      const Place& place = input_.places[to];
      if (place.kind == Place::Kind::role && place.end == flow.to && !place.stand_in)
        add({from, to, place.name(), {flow.protocol, place.ip, flow.ports.first}, true, flow.id()});
    }
  }

  void redis(std::size_t from, const Flow& flow) {
    auto try_it = [&](const std::string& host, int port) {
      if (flow.ports.holds(port))
        add({from, nowhere, "redis", {flow.protocol, host, port}, true, flow.id(), false});
    };
    for (const spec::RedisAddress& address : input_.storage.addresses)
      try_it(address.host, address.port);
    if (input_.storage.sentinel) {
      for (const auto& address : input_.storage.sentinel->addresses)
        try_it(address.host, address.port);
    }
  }

  void egress(std::size_t from, const Flow& flow) {
    for (const spec::Peer& peer : flow.peers) {
      if (!peer.fqdn.empty() && !peer.fqdn.contains('*'))
        add({from,
             nowhere,
             fmt::format("egress {}", flow.to.group),
             {flow.protocol, peer.fqdn, flow.ports.first},
             true,
             flow.id(),
             false});
      auto cidr = spec::parse_cidr(peer.cidr);
      const bool one_address = cidr && cidr->prefix == (cidr->is_v6 ? 128 : 32);
      if (!one_address) continue;
      add({from,
           nowhere,
           fmt::format("egress {}", flow.to.group),
           {flow.protocol, peer.cidr.substr(0, peer.cidr.find('/')), flow.ports.first},
           true,
           flow.id(),
           false});
    }
  }

  void add(Attempt attempt) {
    if (attempt.wanted && !attempt.control) tried_.insert(attempt.flow);
    made_.attempts.push_back(std::move(attempt));
  }

  bool has_place(const End& end, bool that_runs) const {
    return std::ranges::any_of(input_.places, [&](const Place& place) {
      return place.kind == Place::Kind::role && place.end == end &&
             (!that_runs || !place.program.empty());
    });
  }

  void note_untried() {
    for (const Flow& flow : input_.flows) {
      if (tried_.contains(flow.id())) continue;
      std::string why;
      if (!has_place(flow.from, true)) {
        why = flow.peers.empty() || is_pod(flow.from.role)
                  ? fmt::format("no pod of {} runs, or none with Raykeep's agent",
                                to_string(flow.from))
                  : fmt::format("{} is outside of this namespace, where no pod of ours may stand",
                                to_string(flow.from));
      } else if (is_pod(flow.to.role) && !has_place(flow.to, false)) {
        why = fmt::format("no pod of {} runs", to_string(flow.to));
      } else if (flow.from == flow.to) {
        why = "it takes two pods of that group, and there is one";
      } else {
        why = "the Site names no single address to try";
      }
      made_.untried.push_back({flow.id(), std::move(why)});
      tried_.insert(flow.id());
    }
  }

  const MatrixInput& input_;
  std::vector<int> ports_;
  std::map<std::pair<std::string, std::string>, std::vector<const Flow*>> by_pair_;
  std::set<std::string> tried_;
  Matrix made_;
};

}  // namespace

Matrix matrix(const MatrixInput& input) { return Maker(input).run(); }

}  // namespace raykeep::verify
