// This machine's clock, and spans as kubectl writes them. Moments as texts are base's.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/moment.h"

namespace raykeep::control {

using raykeep::parse_time;
using raykeep::time_text;
using raykeep::WallTime;

/// This machine's clock.
WallTime wall_now();

/// As kubectl's AGE column: 12s, 5m3s, 47m, 3h12m, 30h, 4d. Negative spans, which a skewed clock
/// gives, are 0s.
std::string age_text(std::chrono::seconds span);

/// The text without the spans in parentheses, which change by themselves: "head: pulling image
/// (12s)".
std::string without_spans(const std::string& text);

/// age_text(now - time); empty when the time cannot be read.
std::string age_since(std::string_view time, WallTime now);

}  // namespace raykeep::control
