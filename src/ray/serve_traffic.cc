#include "ray/serve_traffic.h"

#include <charconv>

namespace raykeep::ray {
namespace {

constexpr std::string_view requests = "ray_serve_num_http_requests";

/// The number after the labels: `name{a="b"} 12.0 1690000000`.
double value_of(std::string_view line) {
  const std::size_t brace = line.rfind('}');
  std::string_view text = line.substr(brace == line.npos ? line.find(' ') : brace + 1);
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  double value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

/// The proxy's own pages, which whoever looks after it asks for.
bool is_of_no_application(std::string_view line) { return line.contains("application=\"\""); }

bool is_error(std::string_view line) {
  constexpr std::string_view label = "status_code=\"";
  const std::size_t at = line.find(label);
  return at != line.npos && line.substr(at + label.size()).starts_with('5');
}

/// "name" of `name{...}` and `name_total{...}`: Ray's exporters write either.
bool is_called(std::string_view line, std::string_view name) {
  if (!line.starts_with(name)) return false;
  std::string_view rest = line.substr(name.size());
  if (rest.starts_with("_total")) rest.remove_prefix(6);
  return rest.starts_with('{') || rest.starts_with(' ');
}

}  // namespace

ServeTraffic read_serve_traffic(std::string_view metrics) {
  ServeTraffic made;
  while (!metrics.empty()) {
    const std::size_t end = metrics.find('\n');
    const std::string_view line = metrics.substr(0, end);
    metrics.remove_prefix(end == metrics.npos ? metrics.size() : end + 1);
    if (is_called(line, requests)) {
      if (is_of_no_application(line)) continue;
      const double count = value_of(line);
      made.requests += count;
      made.errors += is_error(line) ? count : 0;
    }
  }
  return made;
}

}  // namespace raykeep::ray
