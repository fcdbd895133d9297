#include "verify/tls_matrix.h"

#include <algorithm>
#include <optional>
#include <set>

#include <fmt/format.h>

namespace raykeep::verify {
namespace {

using flow::Flow;
using flow::Role;
using net::Words;

constexpr std::string_view grpc_ports[] = {"gcs-server", "node-manager", "object-manager",
                                           "worker",     "client",       "agent-grpc",
                                           "serve-grpc", "https-grpc"};

Words words_for(const Flow& flow) {
  if (flow.port_name.starts_with("redis")) return Words::redis;
  const bool grpc = std::ranges::find(grpc_ports, flow.port_name) != std::end(grpc_ports);
  return grpc ? Words::http2 : Words::http1;
}

class Maker {
 public:
  Maker(const std::vector<Flow>& flows, const std::vector<Place>& places,
        const Listening& listening)
      : flows_(flows), places_(places), listening_(listening) {}

  TlsMatrix run() {
    for (std::size_t to = 0; to < places_.size(); ++to) {
      const Place& place = places_[to];
      if (place.kind == Place::Kind::role && !place.stand_in && !place.ip.empty()) try_ports(to);
    }
    for (const Flow& flow : flows_) sort(flow);
    return std::move(made_);
  }

 private:
  struct Port {
    int number;
    std::vector<const Flow*> flows;
  };

  bool runs(const flow::End& end) const {
    return std::ranges::any_of(places_, [&](const Place& place) {
      return place.kind == Place::Kind::role && place.end == end && !place.stand_in;
    });
  }

  /// Can its server be looked at? The API server, name servers, somebody's Redis and what lies
  /// outside are others'.
  bool is_ours(const Flow& flow) const {
    if (flow.protocol != spec::Protocol::tcp) return false;
    return flow.to.role == Role::head || flow.to.role == Role::worker ||
           flow.to.role == Role::controller || (flow.to.role == Role::redis && runs(flow.to));
  }

  /// The encrypted ports of a pod on which somebody listens, as far as that is known.
  std::vector<Port> ports_of(std::size_t to) const {
    auto known = listening_.find(to);
    std::map<int, Port> ports;
    for (const Flow& flow : flows_) {
      if (flow.to != places_[to].end || !is_ours(flow) || guard_of(flow.encryption) == Guard::none)
        continue;
      std::vector<int> numbers;
      if (known != listening_.end()) {
        for (int port : known->second)
          if (flow.ports.holds(port)) numbers.push_back(port);
      } else if (flow.ports.first == flow.ports.last) {
        numbers.push_back(flow.ports.first);
      }
      for (int number : numbers) {
        Port& port = ports.try_emplace(number, Port{number, {}}).first->second;
        port.flows.push_back(&flow);
      }
    }
    std::vector<Port> list;
    for (auto& [number, port] : ports) list.push_back(std::move(port));
    return list;
  }

  bool can_run(std::size_t place) const {
    return places_[place].kind == Place::Kind::role && !places_[place].program.empty();
  }

  /// A pod that the flows permit to call: one with a certificate of its own, or a guest.
  std::optional<std::size_t> caller(std::size_t to, const Port& port, bool guest) const {
    for (const Flow* flow : port.flows) {
      for (std::size_t from = 0; from < places_.size(); ++from) {
        if (from != to && can_run(from) && places_[from].end == flow->from &&
            places_[from].stand_in == guest)
          return from;
      }
    }
    return std::nullopt;
  }

  void try_ports(std::size_t to) {
    for (const Port& port : ports_of(to)) {
      const Guard guard = guard_of(port.flows.front()->encryption);
      const std::optional<std::size_t> guest = caller(to, port, true),
                                       pod = caller(to, port, false);
      if (guard == Guard::mesh) {
        if (guest) add(*guest, to, port, false);
        // Between themselves the proxies speak TLS of their own.
        const bool of_proxies = port.flows.front()->port_name == "mesh";
        if (pod && !of_proxies) add(*pod, to, port, true);
        continue;
      }
      // Ray's pods have a certificate. So has the pod itself, whose own address no policy closes.
      const std::optional<std::size_t> self = can_run(to) ? std::optional(to) : std::nullopt;
      const auto own = pod ? pod : guard == Guard::mutual ? self : guest;
      const auto from = own ? own : guard == Guard::mutual ? guest : self;
      if (from) add(*from, to, port, false);
    }
  }

  void add(std::size_t from, std::size_t to, const Port& port, bool within_mesh) {
    const Flow& first = *port.flows.front();
    TlsTry made{.from = from,
                .to = to,
                .target = {words_for(first), places_[to].ip, port.number},
                .guard = guard_of(first.encryption),
                .encryption = first.encryption,
                .port_name = first.port_name,
                .flows = {},
                .within_mesh = within_mesh};
    for (const Flow* flow : port.flows) {
      const std::string id = flow->id();
      if (std::ranges::find(made.flows, id) == made.flows.end()) made.flows.push_back(id);
      tried_.insert(id);
    }
    made_.tries.push_back(std::move(made));
  }

  /// What is not among the tries, and why.
  void sort(const Flow& flow) {
    const bool clear = guard_of(flow.encryption) == Guard::none;
    if (clear && is_ours(flow)) made_.clear.push_back(&flow);
    if (clear || tried_.contains(flow.id())) return;
    tried_.insert(flow.id());
    made_.untried.push_back({flow.id(), why_untried(flow)});
  }

  std::string why_untried(const Flow& flow) const {
    if (!is_ours(flow)) return fmt::format("{} is not of this cluster", to_string(flow.to));
    if (!runs(flow.to)) return fmt::format("no pod of {} runs", to_string(flow.to));
    const bool known = std::ranges::any_of(listening_, [&](const auto& each) {
      return places_[each.first].end == flow.to && !places_[each.first].stand_in;
    });
    if (known) return fmt::format("nobody listens on {}", to_string(flow.ports));
    if (flow.ports.first != flow.ports.last) return "it is not known who listens in that range";
    return guard_of(flow.encryption) == Guard::mesh
               ? "no short-lived pod outside of the mesh may call it"
               : "no pod with Raykeep's program may call it";
  }

  const std::vector<Flow>& flows_;
  const std::vector<Place>& places_;
  const Listening& listening_;
  std::set<std::string> tried_;
  TlsMatrix made_;
};

}  // namespace

Guard guard_of(std::string_view encryption) {
  if (encryption == "mutual TLS (mesh)") return Guard::mesh;
  if (encryption.starts_with("mutual TLS")) return Guard::mutual;
  return encryption.starts_with("TLS") ? Guard::server : Guard::none;
}

TlsMatrix tls_matrix(const std::vector<Flow>& flows, const std::vector<Place>& places,
                     const Listening& listening) {
  return Maker(flows, places, listening).run();
}

}  // namespace raykeep::verify
