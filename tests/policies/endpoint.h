// Who may send and receive in the evaluated world: pods, and addresses outside.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <utility>

namespace raykeep::policies {

using Labels = std::map<std::string, std::string>;

/// An IP address; both families as 16 bytes, which never match each other.
struct Address {
  bool is_v6 = false;
  std::array<std::uint8_t, 16> bytes{};  // IPv4 uses the first four

  int bits() const { return is_v6 ? 128 : 32; }
  auto operator<=>(const Address&) const = default;
};

/// Throws where the text is none.
Address address(const std::string& text);

struct Block {
  Address first;
  int prefix = 0;

  bool contains(const Address& address) const;
};

Block block(const std::string& cidr);

struct Endpoint {
  std::string name;  // for people
  std::string ns;    // empty: no pod, an address outside
  Labels ns_labels;
  Labels labels;
  Address ip;
  std::map<std::pair<std::string, std::string>, int> named_ports;  // {name, protocol} -> number

  bool is_pod() const { return !ns.empty(); }
};

}  // namespace raykeep::policies
