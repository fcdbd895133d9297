#include "plan/port_list.h"

#include <algorithm>
#include <charconv>

#include "base/text.h"

namespace raykeep::plan {

using spec::PortRange;

std::vector<PortRange> parse_port_list(std::string_view text) {
  std::vector<PortRange> made;
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    const std::string_view word = trim(text.substr(0, comma));
    text = comma == std::string_view::npos ? "" : text.substr(comma + 1);
    if (word == "*") made.push_back({1, 65535});
    PortRange range;
    const char* end = word.data() + word.size();
    auto [at, wrong] = std::from_chars(word.data(), end, range.first);
    if (wrong != std::errc()) continue;
    range.last = range.first;
    if (at != end && *at == '-') std::from_chars(at + 1, end, range.last);
    made.push_back(range);
  }
  return made;
}

bool overlap(const PortRange& a, const PortRange& b) {
  return a.first <= b.last && b.first <= a.last;
}

std::optional<PortRange> first_missing(std::string_view list,
                                       const std::vector<PortRange>& wanted) {
  const std::vector<PortRange> listed = parse_port_list(list);
  auto found = std::ranges::find_if(
      wanted, [&listed](const PortRange& range) { return !covers(listed, range); });
  return found == wanted.end() ? std::nullopt : std::optional(*found);
}

bool covers(const std::vector<PortRange>& list, const PortRange& range) {
  for (int port = range.first; port <= range.last; ++port) {
    if (std::ranges::none_of(list, [port](const PortRange& each) { return each.holds(port); }))
      return false;
  }
  return true;
}

}  // namespace raykeep::plan
