// What this module's tables are written in: YAML, read into what an observation holds.
#pragma once

#include <string_view>
#include <vector>

#include "control/observe.h"

namespace raykeep::control::testing {

/// The documents of a YAML stream. Aborts the test program when it cannot be read.
std::vector<doc::Value> objects(std::string_view yaml);

/// An observation of cluster "demo" in namespace "ray" at 2026-01-01T00:10:00Z: each document goes
/// where its kind belongs.
Observed observed(std::string_view yaml);

}  // namespace raykeep::control::testing
