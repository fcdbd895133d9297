// Kubernetes' moments (RFC 3339) and spans as kubectl writes them.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace raykeep::control {

using WallTime = std::chrono::sys_seconds;

/// "2026-11-24T04:00:44Z", with or without a fraction (cut off); other zones are refused: the API
/// server writes none.
std::optional<WallTime> parse_time(std::string_view text);

/// "2026-11-24T04:00:44Z".
std::string time_text(WallTime time);

/// As kubectl's AGE column: 12s, 5m3s, 47m, 3h12m, 30h, 4d. Negative spans, which a skewed clock
/// gives, are 0s.
std::string age_text(std::chrono::seconds span);

/// The text without the spans in parentheses, which change by themselves: "head: pulling image
/// (12s)".
std::string without_spans(const std::string& text);

/// age_text(now - time); empty when the time cannot be read.
std::string age_since(std::string_view time, WallTime now);

}  // namespace raykeep::control
