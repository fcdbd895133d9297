#include "policy/port_set.h"

#include <algorithm>

#include <fmt/format.h>

namespace raykeep::policy {

using spec::PortRange;

PortSet::PortSet(std::vector<PortRange> ranges) {
  for (const PortRange& range : ranges) add(range);
}

void PortSet::add(PortRange range) {
  if (range.last < range.first) return;
  std::vector<PortRange> made;
  for (const PortRange& each : ranges_) {
    if (each.last + 1 < range.first || range.last + 1 < each.first) {
      made.push_back(each);
    } else {
      range = {std::min(range.first, each.first), std::max(range.last, each.last)};
    }
  }
  made.push_back(range);
  std::ranges::sort(made);
  ranges_ = std::move(made);
}

bool PortSet::contains(int port) const {
  return std::ranges::any_of(ranges_, [port](const PortRange& each) { return each.holds(port); });
}

PortSet PortSet::united(const PortSet& other) const {
  PortSet made = *this;
  for (const PortRange& each : other.ranges_) made.add(each);
  return made;
}

PortSet PortSet::common(const PortSet& other) const {
  PortSet made;
  for (const PortRange& mine : ranges_) {
    for (const PortRange& theirs : other.ranges_)
      made.add({std::max(mine.first, theirs.first), std::min(mine.last, theirs.last)});
  }
  return made;
}

PortSet PortSet::without(const PortSet& other) const {
  PortSet made;
  for (PortRange mine : ranges_) {
    for (const PortRange& theirs : other.ranges_) {
      if (theirs.last < mine.first || mine.last < theirs.first) continue;
      made.add({mine.first, theirs.first - 1});
      mine.first = theirs.last + 1;
    }
    made.add(mine);
  }
  return made;
}

Ports Ports::united(const Ports& other) const {
  return {tcp.united(other.tcp), udp.united(other.udp)};
}
Ports Ports::common(const Ports& other) const {
  return {tcp.common(other.tcp), udp.common(other.udp)};
}
Ports Ports::without(const Ports& other) const {
  return {tcp.without(other.tcp), udp.without(other.udp)};
}

std::string to_string(const Ports& ports) {
  if (ports == Ports::all()) return "every port";
  if (ports.empty()) return "none";
  std::string text;
  for (auto [set, ending] : {std::pair{&ports.tcp, ""}, std::pair{&ports.udp, "/UDP"}}) {
    for (const PortRange& range : set->ranges()) {
      text += fmt::format("{}{}{}", text.empty() ? "" : ", ", to_string(range), ending);
    }
  }
  return text;
}

}  // namespace raykeep::policy
