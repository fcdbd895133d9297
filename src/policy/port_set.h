// A set of port numbers, 0 to 65535, as sorted ranges.
#pragma once

#include <string>
#include <vector>

#include "spec/peer.h"

namespace raykeep::policy {

class PortSet {
 public:
  static PortSet all() { return PortSet({{0, 65535}}); }
  PortSet() = default;
  explicit PortSet(std::vector<spec::PortRange> ranges);

  void add(spec::PortRange range);
  bool empty() const { return ranges_.empty(); }
  bool contains(int port) const;
  const std::vector<spec::PortRange>& ranges() const { return ranges_; }

  PortSet united(const PortSet& other) const;
  PortSet common(const PortSet& other) const;
  PortSet without(const PortSet& other) const;
  bool operator==(const PortSet&) const = default;

 private:
  std::vector<spec::PortRange> ranges_;  // sorted, apart from each other
};

/// By protocol. SCTP is left out: Ray does not speak it.
struct Ports {
  PortSet tcp;
  PortSet udp;

  static Ports all() { return {PortSet::all(), PortSet::all()}; }
  bool empty() const { return tcp.empty() && udp.empty(); }
  Ports united(const Ports& other) const;
  Ports common(const Ports& other) const;
  Ports without(const Ports& other) const;
  bool operator==(const Ports&) const = default;
};

/// "6379, 8076-8077, 53/UDP"; "every port" for all of both, "none" for none.
std::string to_string(const Ports& ports);

}  // namespace raykeep::policy
