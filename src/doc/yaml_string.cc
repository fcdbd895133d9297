#include "doc/yaml_string.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "doc/number.h"
#include "doc/yaml_scalar.h"

namespace raykeep::doc {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool all(std::string_view text, std::string_view allowed) {
  return text.find_first_not_of(allowed) == std::string_view::npos;
}

/// Words some reader takes for a boolean, null or a special key, in whatever case.
bool is_word_of_yaml(std::string_view text) {
  constexpr std::array<std::string_view, 12> words{"y",    "n",     "yes", "no",   "on", "off",
                                                   "true", "false", "~",   "null", "=",  "<<"};
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  });
  return std::ranges::find(words, lower) != words.end();
}

/// Numbers of YAML 1.1 and 1.2 that go-yaml leaves alone: 1:30 (base 60), 1e999,
/// 0xffffffffffffffffff, and all that is only digits and underscores.
bool is_number_for_some(std::string_view text) {
  if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
  if (text.empty() || (!is_digit(text[0]) && text[0] != '.')) return false;
  if (text.starts_with("0x") || text.starts_with("0X")) {
    return all(text.substr(2), "0123456789abcdefABCDEF_");
  }
  if (text.starts_with("0o") || text.starts_with("0b") || all(text, "0123456789_:.")) {
    // A version or an address with two points is no number for anyone, unless it has colons.
    bool points = std::ranges::count(text, '.') > 1;
    return text[0] == '0' || !points || text.find(':') != std::string_view::npos;
  }
  return all(text, "0123456789_.eE+-") && text.find_first_of("eE") != std::string_view::npos;
}

/// 2001-01-01 and whatever follows: a date for YAML 1.1.
bool begins_as_date(std::string_view text) {
  std::size_t year = text.find('-');
  if (year != 4 || !all(text.substr(0, 4), "0123456789")) return false;
  text.remove_prefix(5);
  std::size_t month = text.find('-');
  return (month == 1 || month == 2) && all(text.substr(0, month), "0123456789") &&
         text.size() > month + 1 && is_digit(text[month + 1]);
}

/// Characters that only an escape can carry safely: controls, line ends other than LF, byte order
/// marks.
bool needs_escape(std::string_view text, bool line_feed_too) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto c = static_cast<unsigned char>(text[i]);
    if (c >= 0x20 && c < 0x7f) continue;
    if (c == '\n' ? line_feed_too : (c < 0x20 && c != '\t') || c == 0x7f) return true;
    std::string_view rest = text.substr(i, 3);
    if (c == 0xc2 && rest.size() > 1 && static_cast<unsigned char>(rest[1]) < 0xa0) return true;
    if (rest == "\xe2\x80\xa8" || rest == "\xe2\x80\xa9" || rest == "\xef\xbb\xbf" ||
        rest == "\xef\xbf\xbe" || rest == "\xef\xbf\xbf") {
      return true;
    }
  }
  return false;
}

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/// Begins with a letter and goes on as names, paths and versions do: nothing of YAML is written
/// with these characters but a few words. Most of what is written, found without asking every
/// reader.
bool is_simple_name(std::string_view text) {
  constexpr std::size_t longest_word = 5;
  return !text.empty() && is_letter(text.front()) && std::ranges::all_of(text, [](char c) {
    return is_letter(c) || is_digit(c) || c == '-' || c == '_' || c == '.' || c == '/';
  }) && (text.size() > longest_word || !is_word_of_yaml(text));
}

bool may_be_plain(std::string_view text) {
  if (text.empty() || text.front() == ' ' || text.back() == ' ' || text.back() == ':') return false;
  constexpr std::string_view indicators = "?:,[]{}#&*!|>'\"%@`";
  if (indicators.find(text.front()) != std::string_view::npos) return false;
  if (text == "-" || text.starts_with("- ") || text.starts_with("---") || text.starts_with("...")) {
    return false;
  }
  return text.find(": ") == std::string_view::npos && text.find(" #") == std::string_view::npos &&
         text.find('\t') == std::string_view::npos;
}

std::string double_quoted(std::string_view text) {
  std::string out = "\"";
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto c = static_cast<unsigned char>(text[i]);
    // The characters beyond ASCII for which needs_escape() asks.
    std::string_view rest = text.substr(i, 3);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += text[i];
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (c == '\r') {
      out += "\\r";
    } else if (c < 0x20 || c == 0x7f) {
      out += fmt::format("\\x{:02x}", c);
    } else if (c == 0xc2 && rest.size() > 1 && static_cast<unsigned char>(rest[1]) < 0xa0) {
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(text[++i]));
    } else if (rest.size() == 3 && needs_escape(rest, false) && (c == 0xe2 || c == 0xef)) {
      unsigned code = (c & 0xfu) << 12 | (static_cast<unsigned char>(rest[1]) & 0x3fu) << 6 |
                      (static_cast<unsigned char>(rest[2]) & 0x3fu);
      out += fmt::format("\\u{:04x}", code);
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out + '"';
}

std::string single_quoted(std::string_view text) {
  std::string out = "'";
  for (char c : text) {
    out += c;
    if (c == '\'') out += c;
  }
  return out + '\'';
}

}  // namespace

bool is_surely_string(std::string_view text) {
  ScalarResult<Value> read = scalar_value({.text = text, .plain = true, .tag = {}});
  if (!read || !read->is_string()) return false;
  return !is_word_of_yaml(text) && !is_number_for_some(text) && !begins_as_date(text);
}

std::string one_line_string(std::string_view text) {
  if (is_simple_name(text)) return std::string(text);
  if (needs_escape(text, true) || text.find('\t') != std::string_view::npos) {
    return double_quoted(text);
  }
  if (!is_surely_string(text)) return double_quoted(text);
  return may_be_plain(text) ? std::string(text) : single_quoted(text);
}

bool suits_literal(std::string_view text) {
  if (text.find('\n') == std::string_view::npos || needs_escape(text, false)) return false;
  return text.find_first_not_of(" \t\n") != std::string_view::npos;
}

std::string literal_header(std::string_view text) {
  std::string header = "|";
  if (text[0] == ' ' || text[0] == '\t' || text[0] == '\n') header += '2';
  if (!text.ends_with('\n')) return header + '-';
  return text.ends_with("\n\n") ? header + '+' : header;
}

}  // namespace raykeep::doc
