// Who is at the other end of a flow, and on which ports, as a Site writes it.
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "spec/string_map.h"

namespace raykeep::spec {

/// Who may talk or be talked to: pods by namespace and labels, addresses, or a DNS name. Exactly
/// one of the three forms.
struct Peer {
  std::string name;                           // for reports: "prometheus"
  std::optional<StringMap> namespace_labels;  // absent: this namespace; empty map: every namespace
  std::optional<StringMap> pod_labels;        // absent: every pod of those namespaces
  std::string cidr;                           // "10.1.0.0/16"; empty when the peer is pods
  std::vector<std::string> except;            // inside cidr
  /// "s3.bank.example" or "*.bank.example"; only in egress, and in no plain NetworkPolicy.
  std::string fqdn = {};
};

struct PortRange {
  int first = 0;
  int last = 0;  // equals first for a single port
  bool holds(int port) const { return first <= port && port <= last; }
  bool operator==(const PortRange&) const = default;
  auto operator<=>(const PortRange&) const = default;
};

/// "6379", "10002-10033".
inline std::string to_string(const PortRange& range) {
  std::string text = std::to_string(range.first);
  return range.last == range.first ? text : text + '-' + std::to_string(range.last);
}

enum class Protocol { tcp, udp };

/// As Kubernetes writes it: "TCP", "UDP".
constexpr std::string_view to_string(Protocol protocol) {
  return protocol == Protocol::udp ? "UDP" : "TCP";
}

struct SitePort {
  PortRange range;
  Protocol protocol = Protocol::tcp;
};

}  // namespace raykeep::spec
