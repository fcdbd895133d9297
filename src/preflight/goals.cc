#include "preflight/goals.h"

#include <algorithm>

#include <fmt/format.h>

namespace raykeep::preflight {
namespace {

/// "10.1.2.3" of "10.1.2.3/32"; empty for a network.
std::string single_address(std::string_view cidr) {
  for (std::string_view one : {"/32", "/128"}) {
    const bool fits = one == "/32" ? !cidr.contains(':') : cidr.contains(':');
    if (fits && cidr.ends_with(one)) return std::string(cidr.substr(0, cidr.size() - one.size()));
  }
  return "";
}

void add_once(Goal goal, std::vector<Goal>& goals) {
  bool known =
      std::ranges::any_of(goals, [&](const Goal& other) { return other.target == goal.target; });
  if (!known) goals.push_back(std::move(goal));
}

void add_redis(const spec::Storage& storage, std::vector<Goal>& goals) {
  if (storage.backend != spec::Storage::Backend::redis) return;
  const auto& addresses = storage.sentinel ? storage.sentinel->addresses : storage.addresses;
  for (const spec::RedisAddress& address : addresses) {
    add_once({{spec::Protocol::tcp, address.host, address.port},
              fmt::format("{} {}", storage.sentinel ? "Sentinel" : "Redis", address.text()),
              "the head keeps the cluster's state there"},
             goals);
  }
}

/// A range is tried at its first port.
void add_egress(const flow::Flow& flow, std::vector<Goal>& goals) {
  if (flow.protocol != spec::Protocol::tcp) return;
  for (const spec::Peer& peer : flow.peers) {
    std::string address = single_address(peer.cidr);
    if (address.empty()) continue;
    add_once({{spec::Protocol::tcp, address, flow.ports.first},
              fmt::format("egress {} {}:{}", flow.to.group, address, flow.ports.first),
              flow.reason},
             goals);
  }
}

}  // namespace

std::vector<Goal> goals_of(const std::vector<flow::Flow>& flows, const spec::Storage& storage,
                           flow::Role role) {
  std::vector<Goal> goals;
  goals.push_back({{spec::Protocol::udp, "", 53}, "DNS", "the head is found by its name"});
  if (role == flow::Role::head) add_redis(storage, goals);
  for (const flow::Flow& flow : flows) {
    if (flow.from.role == role && flow.to.role == flow::Role::outside) add_egress(flow, goals);
  }
  return goals;
}

std::vector<std::string> entries_without_address(const std::vector<flow::Flow>& flows) {
  std::vector<std::string> out;
  for (const flow::Flow& flow : flows) {
    if (flow.to.role != flow::Role::outside) continue;
    bool any = flow.protocol == spec::Protocol::tcp &&
               std::ranges::any_of(flow.peers, [](const spec::Peer& peer) {
                 return !single_address(peer.cidr).empty();
               });
    if (!any && std::ranges::find(out, flow.to.group) == out.end()) out.push_back(flow.to.group);
  }
  return out;
}

}  // namespace raykeep::preflight
