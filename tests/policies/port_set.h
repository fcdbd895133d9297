// A set of ports of TCP, UDP and SCTP, all 65,535 of each: what one pod may send to another. Sets
// are compared whole, so that no port is left to chance.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace raykeep::policies {

class PortSet {
 public:
  static PortSet everything();

  /// "TCP", "UDP", "SCTP". Requires: 1 <= first <= last <= 65535.
  void add(std::string_view protocol, int first, int last);
  void add_all(const PortSet& other);
  bool contains(std::string_view protocol, int port) const;
  bool operator==(const PortSet& other) const;

  /// "TCP 443 8000-8003" for people.
  std::string text() const;

 private:
  // Ports of the n-th protocol stand at n * 65536.
  using Spans = std::vector<std::pair<int, int>>;
  const Spans& sorted() const;

  mutable Spans spans_;
  mutable bool sorted_ = true;
};

}  // namespace raykeep::policies
