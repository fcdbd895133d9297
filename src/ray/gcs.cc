#include "ray/gcs.h"

#include <algorithm>
#include <chrono>
#include <expected>

#include <fmt/format.h>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "autoscaler.pb.h"
#include "base/text.h"
#include "gcs.pb.h"
#include "ray/health.h"
#include "ray/node_list.h"
#include "ray/rpc_channel.h"

namespace raykeep::ray {
namespace {

namespace rpc = ::ray::rpc;
using Kind = Failure::Kind;

constexpr auto pause_between_drains = std::chrono::milliseconds(250);
constexpr auto patience_per_drain = std::chrono::seconds(5);

Failure to_failure(const Probe& probe, std::string_view doing) {
  auto kind = Kind::disconnected;
  if (probe.answer == Answer::denied || probe.answer == Answer::not_asked) kind = Kind::denied;
  if (probe.answer == Answer::nonsense) kind = Kind::invalid;
  return Failure(kind, fmt::format("{}: {}", doing, probe.text));
}

std::string alive_request(const std::vector<std::string>& binary_ids) {
  rpc::CheckAliveRequest request;
  for (const auto& id : binary_ids) request.add_node_ids(id);
  return request.SerializeAsString();
}

/// Field 3 is never sent: up to 2.48 it was the limit, so that asking for ALIVE (0) gave nothing.
/// Each server ignores the field that is not in its version.
std::string nodes_request(const NodeFilter& filter) {
  rpc::GetAllNodeInfoRequest request;
  if (!filter.address.empty()) {
    request.add_node_selectors()->set_node_ip_address(filter.address);
    request.mutable_filters()->set_node_ip_address(filter.address);
  }
  return request.SerializeAsString();
}

bool is_before(const Deadline& a, const Deadline& b) { return a.at < b.at; }

std::int64_t unix_ms_in(Duration time) {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch() + time).count();
}

}  // namespace

struct Gcs::State {
  RpcChannel channel;
  std::string name = "GCS " + channel.name();
  std::string ray_version = {};  // as last heard; empty: not yet

  /// The reply's bytes, or why there are none.
  awaitable<std::expected<std::string, Probe>> ask(std::string method, std::string request,
                                                   Deadline until);
  /// One CheckAlive.
  awaitable<Alive> ask_alive(std::vector<std::string> binary_ids, Deadline until);

  awaitable<std::expected<std::vector<Node>, Probe>> list(NodeFilter filter, Deadline until);

  Probe nonsense(std::string_view what) const {
    return {Answer::nonsense, fmt::format("{}: {}", name, what)};
  }
};

awaitable<std::expected<std::string, Probe>> Gcs::State::ask(std::string method,
                                                             std::string request, Deadline until) {
  RpcCall call{std::move(method), std::move(request)};
  auto answer = co_await channel.call(std::move(call), until);
  if (answer.answer == Answer::serving) co_return std::move(answer.reply);
  co_return std::unexpected(Probe{answer.answer, fmt::format("{}: {}", name, answer.text)});
}

awaitable<Alive> Gcs::State::ask_alive(std::vector<std::string> binary_ids, Deadline until) {
  auto bytes =
      co_await ask("/ray.rpc.NodeInfoGcsService/CheckAlive", alive_request(binary_ids), until);
  ray_version.clear();
  if (!bytes) co_return Alive{bytes.error()};
  rpc::CheckAliveReply reply;
  if (!reply.ParseFromString(*bytes))
    co_return Alive{nonsense("CheckAlive's reply cannot be read")};
  if (reply.status().code() != 0) {
    auto text = fmt::format("{}: {}", name, quoted(reply.status().message()));
    co_return Alive{{Answer::not_serving, text}};
  }
  if (reply.raylet_alive_size() != std::ssize(binary_ids)) {
    co_return Alive{nonsense("CheckAlive's reply is about other nodes than were asked")};
  }
  ray_version = reply.ray_version();
  co_return Alive{
      {Answer::serving}, ray_version, {reply.raylet_alive().begin(), reply.raylet_alive().end()}};
}

awaitable<std::expected<std::vector<Node>, Probe>> Gcs::State::list(NodeFilter filter,
                                                                    Deadline until) {
  auto bytes =
      co_await ask("/ray.rpc.NodeInfoGcsService/GetAllNodeInfo", nodes_request(filter), until);
  if (!bytes) co_return std::unexpected(bytes.error());
  auto nodes = parse_nodes(*bytes, filter);
  if (!nodes) co_return std::unexpected(nonsense(nodes.error().text));
  co_return std::move(*nodes);
}

Gcs::Gcs(RpcEngine& engine, RpcPeer peer) : state_(new State{{engine.state(), std::move(peer)}}) {}

Gcs::~Gcs() = default;

awaitable<Probe> Gcs::check_health(Deadline until) {
  auto state = state_;
  auto probe = co_await ask_health(state->channel, "GCS", until);
  co_return probe;
}

namespace {

/// How Ray up to 2.48 tells which nodes live: its CheckAlive asks by address.
std::vector<bool> look_up(const std::vector<Node>& nodes, const std::vector<std::string>& ids) {
  std::vector<bool> out;
  for (const auto& id : ids) {
    out.push_back(std::ranges::any_of(nodes, [&](const Node& n) { return n.id == id && n.alive; }));
  }
  return out;
}

Result<std::vector<std::string>> to_binary_ids(const std::vector<std::string>& ids) {
  std::vector<std::string> out;
  for (const auto& id : ids) {
    auto bytes = to_binary_id(id);
    if (!bytes) return std::unexpected(bytes.error());
    out.push_back(std::move(*bytes));
  }
  return out;
}

}  // namespace

awaitable<Alive> Gcs::check_alive(std::vector<std::string> node_ids, Deadline until) {
  auto state = state_;
  auto binary = to_binary_ids(node_ids);
  if (!binary) {
    throw Failure(Kind::invalid, fmt::format("ask {}: {}", state->name, binary.error().text));
  }
  auto start = state->channel.clock().now();
  auto knows_ids = [&] {
    return !state->ray_version.empty() && checks_by_node_id(state->ray_version);
  };
  Alive alive = {{Answer::serving}};
  if (!binary->empty() && !knows_ids()) alive = co_await state->ask_alive({}, until);
  if (alive.probe.good()) {
    if (binary->empty() || knows_ids()) {
      alive = co_await state->ask_alive(*binary, until);
    } else {
      auto nodes = co_await state->list({}, until);
      if (nodes) alive.nodes_alive = look_up(*nodes, node_ids);
      if (!nodes) alive = {nodes.error()};
    }
  }
  alive.probe.took = state->channel.clock().now() - start;
  co_return alive;
}

awaitable<std::vector<Node>> Gcs::nodes(NodeFilter filter, Deadline until) {
  auto state = state_;
  auto nodes = co_await state->list(std::move(filter), until);
  if (!nodes) throw to_failure(nodes.error(), "list the nodes");
  co_return std::move(*nodes);
}

awaitable<DrainOutcome> Gcs::drain(std::string node_id, DrainReason reason, std::string message,
                                   Duration leave_after, Deadline until) {
  auto state = state_;
  const auto& clock = state->channel.clock();
  auto doing = fmt::format("drain node {}", node_id);
  auto binary = to_binary_id(node_id);
  if (!binary) throw Failure(Kind::invalid, fmt::format("{}: {}", doing, binary.error().text));
  rpc::autoscaler::DrainNodeRequest request;
  request.set_node_id(*binary);
  request.set_reason(reason == DrainReason::idle
                         ? rpc::autoscaler::DRAIN_NODE_REASON_IDLE_TERMINATION
                         : rpc::autoscaler::DRAIN_NODE_REASON_PREEMPTION);
  request.set_reason_message(std::move(message));
  request.set_deadline_timestamp_ms(unix_ms_in(leave_after));
  auto bytes = request.SerializeAsString();
  for (;;) {
    Deadline soon = std::min(until, Deadline::after(clock, patience_per_drain), is_before);
    auto answer =
        co_await state->ask("/ray.rpc.autoscaler.AutoscalerStateService/DrainNode", bytes, soon);
    if (answer) {
      rpc::autoscaler::DrainNodeReply reply;
      if (!reply.ParseFromString(*answer)) {
        throw to_failure(state->nonsense("DrainNode's reply cannot be read"), doing);
      }
      co_return DrainOutcome{reply.is_accepted(), reply.rejection_reason_message()};
    }
    auto failure = to_failure(answer.error(), doing);
    if (failure.kind() != Kind::disconnected || until.left(clock) <= pause_between_drains) {
      throw failure;
    }
    boost::asio::steady_timer timer(state->channel.executor(), pause_between_drains);
    auto [code] = co_await timer.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
    if (code) throw Failure(Kind::cancelled, fmt::format("{}: cancelled", doing));
  }
}

struct Raylet::State {
  RpcChannel channel;
};

Raylet::Raylet(RpcEngine& engine, RpcPeer peer)
    : state_(new State{{engine.state(), std::move(peer)}}) {}

Raylet::~Raylet() = default;

awaitable<Probe> Raylet::check_health(Deadline until) {
  auto state = state_;
  auto probe = co_await ask_health(state->channel, "raylet", until);
  co_return probe;
}

}  // namespace raykeep::ray
