#include "report/fit_text.h"

namespace raykeep::report {
namespace {

/// How many bytes the character at the front has, by its first byte.
std::size_t size_of_first(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  const std::size_t size = lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  return size < text.size() ? size : text.size();
}

/// From U+1100 on, characters are mostly wide; those have three bytes from 0xE1 on, or four.
std::size_t columns_of(std::string_view character) {
  return static_cast<unsigned char>(character[0]) >= 0xE1 ? 2 : 1;
}

}  // namespace

std::string fit(std::string_view text, std::size_t most) {
  std::size_t columns = 0, at = 0, last_good = 0;
  while (at < text.size()) {
    const std::size_t size = size_of_first(text.substr(at));
    columns += columns_of(text.substr(at, size));
    if (columns > most) return std::string(text.substr(0, last_good)) + "\u2026";
    at += size;
    if (columns < most) last_good = at;  // leaves one column for the ellipsis
  }
  return std::string(text);
}

std::vector<std::string> wrapped(std::string_view text, std::size_t columns, std::size_t most) {
  std::vector<std::string> lines;
  while (!text.empty() && lines.size() + 1 < most) {
    std::size_t end = 0;  // of the words that fit
    for (std::size_t space = text.find(' '); end < text.size(); space = text.find(' ', space + 1)) {
      std::string_view words = text.substr(0, space);
      if (fit(words, columns) != words) break;
      end = words.size();
    }
    if (end == 0) break;  // not even one word: it is cut below
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(end == text.size() ? end : end + 1);
  }
  if (!text.empty()) lines.push_back(fit(text, columns));
  return lines;
}

}  // namespace raykeep::report
