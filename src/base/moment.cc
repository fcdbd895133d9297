#include "base/moment.h"

#include <charconv>

#include <fmt/format.h>

namespace raykeep {
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
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

}  // namespace raykeep
