// What changed between two values: the raw material of `raykeep diff`. Kubernetes lists that are
// really maps (containers, ports, environment, mounts) are compared by what names their items, so
// that an item put in front is one addition and not a change of all the others.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "doc/json.h"

namespace raykeep::doc {

struct Change {
  std::string
      pointer;  // JSON pointer; for a list item its index in `b`, or in `a` where it was removed
  std::optional<Value> before;  // absent: added
  std::optional<Value> after;   // absent: removed
  bool operator==(const Change&) const = default;
};

/// The smallest parts that differ, in the order of `b` with what was removed after that. Empty
/// means equal: member order and the type of a number (1 and 1.0) do not matter. A named list in a
/// new order is one change of the whole list.
std::vector<Change> diff(const Value& a, const Value& b);

}  // namespace raykeep::doc
