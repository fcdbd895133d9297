// Does a live object hold what the plan wants of it? What others added (defaults of the API server,
// fields of other managers, status) does not matter; that is what a server-side apply would leave
// alone, too. So the controller applies only where something would change, and two looks in a row
// with no change send nothing.
#pragma once

#include <string>

#include "doc/json.h"

namespace raykeep::control {

/// Where the two first differ, as a path: "spec.template.spec.containers[ray-head].image". Empty:
/// everything planned is there. Quantities are compared as amounts ("1000m" is "1"), and what is
/// planned empty may be absent, because the server drops it.
std::string first_difference(const doc::Value& planned, const doc::Value& live);

/// What a server-side apply could not bring in line, because the server writes it differently. To
/// apply it again and again would help nobody: it counts as the same as long as neither the plan
/// nor the live object changes.
struct Normalised {
  std::size_t planned = 0;  // hashes
  std::size_t live = 0;
  bool operator==(const Normalised&) const = default;
};
Normalised normalised(const doc::Value& planned, const doc::Value& live);

}  // namespace raykeep::control
