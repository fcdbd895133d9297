#include "control/timestamp.h"

#include <cctype>
#include <charconv>

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace raykeep::control {
namespace {

/// The number of exactly `digits` digits at `at`; -1 if there is none.
int number_at(std::string_view text, std::size_t at, std::size_t digits) {
  int number = 0;
  const char* first = text.data() + at;
  auto [end, problem] = std::from_chars(first, first + digits, number);
  return problem == std::errc{} && end == first + digits && *first != '-' ? number : -1;
}

}  // namespace

std::optional<WallTime> parse_time(std::string_view text) {
  using namespace std::chrono;
  constexpr std::string_view shape = "0000-00-00T00:00:00";
  if (text.size() < shape.size() + 1 || text.back() != 'Z') return std::nullopt;
  for (std::size_t at : {4, 7, 10, 13, 16}) {
    if (text[at] != shape[at]) return std::nullopt;
  }
  int y = number_at(text, 0, 4), mo = number_at(text, 5, 2), d = number_at(text, 8, 2);
  int h = number_at(text, 11, 2), mi = number_at(text, 14, 2), s = number_at(text, 17, 2);
  if (y < 0 || mo < 1 || d < 1 || h < 0 || h > 23 || mi < 0 || mi > 59 || s < 0 || s > 60)
    return std::nullopt;
  year_month_day day =
      year(y) / month(static_cast<unsigned>(mo)) / std::chrono::day(static_cast<unsigned>(d));
  if (!day.ok()) return std::nullopt;
  return sys_days(day) + hours(h) + minutes(mi) + seconds(s);
}

std::string time_text(WallTime time) {
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}",
                     fmt::gmtime(std::chrono::system_clock::to_time_t(time)));
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
    } else {
      out += text[at];
    }
  }
  return out;
}

}  // namespace raykeep::control
