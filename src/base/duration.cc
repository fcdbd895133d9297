#include "base/duration.h"

#include <charconv>
#include <cmath>

#include "base/text.h"

namespace raykeep {
namespace {

/// The unit at the front of `text`, removed from it; zero when there is none.
Duration take_unit(std::string_view& text) {
  using namespace std::chrono_literals;
  constexpr std::pair<std::string_view, Duration> units[] = {{"ns", 1ns}, {"us", 1us}, {"ms", 1ms},
                                                             {"s", 1s},   {"m", 1min}, {"h", 1h}};
  for (auto [name, length] : units) {
    if (!text.starts_with(name)) continue;
    text.remove_prefix(name.size());
    return length;
  }
  return Duration::zero();
}

}  // namespace

Result<Duration> parse_duration(std::string_view text) {
  if (text == "0") return no_limit;
  Duration sum{};
  std::string_view rest = text;
  if (rest.empty()) return error("a duration is missing; write for example 30s or 10m");
  while (!rest.empty()) {
    double number = 0;
    auto [end, problem] =
        std::from_chars(rest.data(), rest.data() + rest.size(), number, std::chars_format::fixed);
    if (problem != std::errc{} || !std::isfinite(number) || number < 0) {
      return error(quoted(text) + " is not a duration; write for example 30s, 10m or 1h30m");
    }
    rest.remove_prefix(end - rest.data());
    Duration unit = take_unit(rest);
    if (unit == Duration::zero()) {
      return error(quoted(text) + " has no unit; write for example " + std::string(text) + "s");
    }
    double nanoseconds = number * static_cast<double>(unit.count());
    if (nanoseconds > static_cast<double>((no_limit - sum).count())) {
      return error(quoted(text) + " is longer than a year; write 0 for no limit");
    }
    sum += Duration(static_cast<Duration::rep>(nanoseconds));
  }
  if (sum == Duration::zero()) return no_limit;
  return sum;
}

}  // namespace raykeep
