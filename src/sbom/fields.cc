#include "sbom/fields.h"

#include <algorithm>

#include "base/text.h"

namespace raykeep::sbom {
namespace {

bool is_same(std::string_view a, std::string_view b) {
  auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::ranges::equal(a, b, {}, lower, lower);
}

}  // namespace

std::string_view take_line(std::string_view& text) {
  std::string_view line = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(line.size() + 1, text.size()));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

Paragraph Paragraph::take(std::string_view& text) {
  Paragraph made;
  bool begun = false;
  while (!text.empty()) {
    std::string_view line = take_line(text);
    if (trim(line).empty()) {
      if (begun) break;
      continue;
    }
    begun = true;
    std::size_t colon = line.find(':');
    if (line[0] == ' ' || line[0] == '\t' || colon == std::string_view::npos) continue;
    made.fields_.emplace_back(line.substr(0, colon), trim(line.substr(colon + 1)));
  }
  return made;
}

std::string_view Paragraph::line(std::string_view name) const {
  auto found =
      std::ranges::find_if(fields_, [&](const auto& field) { return is_same(field.first, name); });
  if (found == fields_.end() || found->second == "UNKNOWN") return {};
  return found->second;
}

}  // namespace raykeep::sbom
