// Durations as kubectl's flags and Sites take them (Go's syntax): 30s, 10m, 1h30m, 500ms; a bare 0
// means no limit.
#pragma once

#include <string_view>

#include "base/clock.h"
#include "base/error.h"

namespace raykeep {

/// Stands for "no limit": long enough for every purpose, short enough to be added to the present.
inline constexpr Duration no_limit = std::chrono::hours(24 * 365);

/// Exact in nanoseconds; refuses negative durations, numbers without a unit and what would not fit.
Result<Duration> parse_duration(std::string_view text);

}  // namespace raykeep
