// Who is at the other end of a flow, and on which ports, as a Site writes it.
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <vector>

#include "spec/string_map.h"

namespace raykeep::spec {

/// Who may talk or be talked to: pods by namespace and labels, or addresses. Exactly one of the two
/// forms.
struct Peer {
  std::string name;                           // for reports: "prometheus"
  std::optional<StringMap> namespace_labels;  // absent: this namespace; empty map: every namespace
  std::optional<StringMap> pod_labels;        // absent: every pod of those namespaces
  std::string cidr;                           // "10.1.0.0/16"; empty when the peer is pods
  std::vector<std::string> except;            // inside cidr
};

struct PortRange {
  int first = 0;
  int last = 0;  // equals first for a single port
  bool operator==(const PortRange&) const = default;
  auto operator<=>(const PortRange&) const = default;
};

enum class Protocol { tcp, udp };

struct SitePort {
  PortRange range;
  Protocol protocol = Protocol::tcp;
};

}  // namespace raykeep::spec
