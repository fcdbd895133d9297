#include "control/timestamp.h"

#include <cctype>

#include <fmt/format.h>

namespace raykeep::control {

WallTime wall_now() {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

std::string age_text(std::chrono::seconds span) {
  long s = std::max(0L, static_cast<long>(span.count()));
  auto two = [](long large, const char* one, long small, const char* other) {
    return small == 0 ? fmt::format("{}{}", large, one)
                      : fmt::format("{}{}{}{}", large, one, small, other);
  };
  if (s < 120) return fmt::format("{}s", s);
  if (s < 600) return two(s / 60, "m", s % 60, "s");
  if (s < 3 * 3600) return fmt::format("{}m", s / 60);
  if (s < 8 * 3600) return two(s / 3600, "h", s / 60 % 60, "m");
  if (s < 48 * 3600) return fmt::format("{}h", s / 3600);
  if (s < 8 * 86400) return two(s / 86400, "d", s / 3600 % 24, "h");
  return fmt::format("{}d", s / 86400);
}

std::string age_since(std::string_view time, WallTime now) {
  auto since = parse_time(time);
  return since ? age_text(now - *since) : "";
}

std::string without_spans(const std::string& text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    std::size_t end = text[at] == '(' ? text.find(')', at) : std::string::npos;
    bool span = end != std::string::npos && end > at + 1 &&
                std::isdigit(static_cast<unsigned char>(text[at + 1]));
    if (span) {
      at = end;
      if (out.ends_with(' ')) out.pop_back();
    } else {
      out += text[at];
    }
  }
  return out;
}

}  // namespace raykeep::control
