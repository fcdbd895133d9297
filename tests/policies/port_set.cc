#include "port_set.h"

#include <algorithm>
#include <stdexcept>

#include <fmt/format.h>

namespace raykeep::policies {
namespace {

constexpr std::string_view protocols[] = {"TCP", "UDP", "SCTP"};

int base_of(std::string_view protocol) {
  for (int i = 0; i < 3; ++i) {
    if (protocols[i] == protocol) return i * 65536;
  }
  throw std::logic_error("no protocol of NetworkPolicies");
}

}  // namespace

PortSet PortSet::everything() {
  PortSet all;
  for (std::string_view protocol : protocols) all.add(protocol, 1, 65535);
  return all;
}

void PortSet::add(std::string_view protocol, int first, int last) {
  if (first < 1 || last < first || last > 65535) throw std::logic_error("no range of ports");
  const int base = base_of(protocol);
  spans_.emplace_back(base + first, base + last);
  sorted_ = false;
}

void PortSet::add_all(const PortSet& other) {
  spans_.insert(spans_.end(), other.spans_.begin(), other.spans_.end());
  sorted_ = false;
}

const PortSet::Spans& PortSet::sorted() const {
  if (sorted_) return spans_;
  std::ranges::sort(spans_);
  std::size_t kept = 0;
  for (const auto& [first, last] : Spans(spans_)) {
    if (kept > 0 && first <= spans_[kept - 1].second + 1)
      spans_[kept - 1].second = std::max(spans_[kept - 1].second, last);
    else
      spans_[kept++] = {first, last};
  }
  spans_.resize(kept);
  sorted_ = true;
  return spans_;
}

bool PortSet::contains(std::string_view protocol, int port) const {
  const int at = base_of(protocol) + port;
  return std::ranges::any_of(
      spans_, [at](const auto& span) { return span.first <= at && at <= span.second; });
}

bool PortSet::operator==(const PortSet& other) const { return sorted() == other.sorted(); }

std::string PortSet::text() const {
  std::string out;
  for (const auto& [first, last] : sorted()) {
    const int base = first / 65536 * 65536;
    out += fmt::format("{}{} {}", out.empty() ? "" : ", ", protocols[first / 65536], first - base);
    if (last != first) out += fmt::format("-{}", last - base);
  }
  return out.empty() ? "nothing" : out;
}

}  // namespace raykeep::policies
