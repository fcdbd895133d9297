#include "ray/node_list.h"

#include <charconv>

#include <fmt/format.h>

#include "base/text.h"
#include "gcs.pb.h"

namespace raykeep::ray {
namespace {

namespace rpc = ::ray::rpc;

constexpr std::size_t id_bytes = 28;

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

std::string_view reason_name(rpc::NodeDeathInfo::Reason reason) {
  switch (reason) {
    case rpc::NodeDeathInfo::EXPECTED_TERMINATION:
      return "expected";
    case rpc::NodeDeathInfo::UNEXPECTED_TERMINATION:
      return "unexpected";
    case rpc::NodeDeathInfo::AUTOSCALER_DRAIN_PREEMPTED:
      return "drained";
    case rpc::NodeDeathInfo::AUTOSCALER_DRAIN_IDLE:
      return "drained while idle";
    default:
      return "";
  }
}

Node to_node(const rpc::GcsNodeInfo& info) {
  Node node{.id = to_hex_id(info.node_id()),
            .address = info.node_manager_address(),
            .name = info.node_name(),
            .node_manager_port = info.node_manager_port(),
            .alive = info.state() == rpc::GcsNodeInfo::ALIVE,
            .is_head = info.is_head_node(),
            .started_ms = static_cast<std::int64_t>(info.start_time_ms()),
            .ended_ms = static_cast<std::int64_t>(info.end_time_ms())};
  node.draining = node.alive && info.state_snapshot().state() == rpc::NodeSnapshot::DRAINING;
  if (!node.alive) {
    node.death_text = reason_name(info.death_info().reason());
    if (const auto& message = info.death_info().reason_message(); !message.empty()) {
      auto text = quoted(message, 300);
      if (!node.death_text.empty()) node.death_text += ": ";
      node.death_text += text.substr(1, text.size() - 2);
    }
  }
  return node;
}

bool is_wanted(const rpc::GcsNodeInfo& info, const NodeFilter& filter) {
  if (filter.alive_only && info.state() != rpc::GcsNodeInfo::ALIVE) return false;
  return filter.address.empty() || info.node_manager_address() == filter.address;
}

}  // namespace

Result<std::string> to_binary_id(std::string_view hex) {
  std::string out;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    int high = digit(hex[i]), low = digit(hex[i + 1]);
    if (high < 0 || low < 0) break;
    out.push_back(static_cast<char>(high << 4 | low));
  }
  if (hex.size() != 2 * id_bytes || out.size() != id_bytes) {
    return error(fmt::format("{} is not the id of a Ray node", quoted(hex)));
  }
  return out;
}

std::string to_hex_id(std::string_view binary) {
  std::string out;
  for (unsigned char byte : binary) out += fmt::format("{:02x}", byte);
  return out;
}

Result<std::vector<Node>> parse_nodes(const std::string& bytes, const NodeFilter& filter) {
  rpc::GetAllNodeInfoReply reply;
  if (!reply.ParseFromString(bytes)) return error("the list of nodes cannot be read");
  if (reply.status().code() != 0) {
    return error(
        fmt::format("the list of nodes was refused: {}", quoted(reply.status().message())));
  }
  std::vector<Node> nodes;
  for (const auto& info : reply.node_info_list()) {
    if (is_wanted(info, filter)) nodes.push_back(to_node(info));
  }
  return nodes;
}

std::optional<Node> find_newest(const std::vector<Node>& nodes, std::string_view address,
                                int node_manager_port) {
  const Node* newest = nullptr;
  for (const auto& node : nodes) {
    if (node.address != address || node.node_manager_port != node_manager_port) continue;
    if (!newest ||
        std::pair(node.started_ms, node.alive) > std::pair(newest->started_ms, newest->alive)) {
      newest = &node;
    }
  }
  return newest ? std::optional(*newest) : std::nullopt;
}

bool checks_by_node_id(std::string_view version) {
  int major = 0, minor = 0;
  auto [dot, bad] = std::from_chars(version.data(), version.data() + version.size(), major);
  const char* end = version.data() + version.size();
  if (bad != std::errc() || dot == end || *dot != '.') return true;
  if (std::from_chars(dot + 1, end, minor).ec != std::errc()) return true;
  return std::pair(major, minor) >= std::pair(2, 49);
}

}  // namespace raykeep::ray
