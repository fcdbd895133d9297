// IP prefixes as NetworkPolicies take them: "10.1.0.0/16", "fd00::/8".
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "base/error.h"

namespace raykeep::spec {

struct Cidr {
  bool is_v6 = false;
  std::array<std::uint8_t, 16> bytes{};  // IPv4 uses the first four
  int prefix = 0;

  bool has_host_bits() const;
  /// Is every address of `other` an address of this? Never across families.
  bool contains(const Cidr& other) const;
  bool is_everything() const { return prefix == 0; }
  bool operator==(const Cidr&) const = default;
};

/// Strict, as Kubernetes 1.34 is for new objects: no leading zeros, no IPv4-mapped IPv6, prefix
/// required.
Result<Cidr> parse_cidr(std::string_view text);

}  // namespace raykeep::spec
