// Moments as texts (RFC 3339, in UTC): Kubernetes', images' and documents'. Pure: nobody asks a
// clock here.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace raykeep {

using WallTime = std::chrono::sys_seconds;

/// "2026-11-24T04:00:44Z", with or without a fraction (cut off); other zones are refused: neither
/// the API server nor who builds images writes any.
std::optional<WallTime> parse_time(std::string_view text);

/// "2026-11-24T04:00:44Z".
std::string time_text(WallTime time);

}  // namespace raykeep
