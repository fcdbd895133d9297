#include "doc/yaml_text.h"

#include <cstdint>

#include <fmt/format.h>

#include "base/text.h"

namespace raykeep::doc {
namespace {

struct Character {
  std::uint32_t code = 0;
  std::size_t length = 0;  // 0: not valid UTF-8
};

Character character_at(std::string_view text, std::size_t offset) {
  auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  unsigned char first = byte(offset);
  std::size_t length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  if (!is_valid_utf8(text.substr(offset, length))) return {};
  std::uint32_t code = length == 1 ? first : first & (0xffu >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) code = code << 6 | (byte(offset + i) & 0x3fu);
  return {code, length};
}

/// As libyaml's reader has it (YAML 1.1, 5.1).
bool is_printable(std::uint32_t c) {
  return c == '\t' || c == '\n' || c == '\r' || (c >= 0x20 && c < 0x7f) || c == 0x85 ||
         (c >= 0xa0 && c <= 0xfffd && c != 0xfeff) || c >= 0x10000;
}

Mark mark_of(std::string_view text, std::size_t offset) {
  LineCursor cursor(text);
  std::size_t line_start = 0;
  int line = 0;
  while (!cursor.at_end() && cursor.offset() <= offset) {
    line_start = cursor.offset();
    line = cursor.line();
    cursor.next_line();
  }
  int column = 1;
  for (std::size_t i = line_start; i < offset; ++i) {
    column += (static_cast<unsigned char>(text[i]) & 0xc0) != 0x80;
  }
  return {line + 1, column};
}

void refuse_bytes(std::string_view text, std::size_t offset, Sink& sink) {
  bool utf16 = text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff");
  sink.add(code::not_utf8, mark_of(text, offset),
           utf16 ? "the file is UTF-16"
                 : fmt::format("byte 0x{:02x} is not valid UTF-8",
                               static_cast<unsigned char>(text[offset])),
           "save the file as UTF-8");
}

/// libyaml compares each %TAG line with all before it, so their number is bounded here.
bool has_few_directives(std::string_view text, Sink& sink) {
  constexpr int most = 100;
  int count = 0;
  std::size_t at = text.starts_with("%TAG") ? 0 : text.find("\n%TAG");
  for (; at != std::string_view::npos; at = text.find("\n%TAG", at + 1)) {
    if (++count <= most) continue;
    sink.add(code::too_many_directives, mark_of(text, at + 1),
             fmt::format("more than {} %TAG directives", most),
             "remove them: tags mean nothing here");
    return false;
  }
  return true;
}

}  // namespace

std::size_t line_break_at(std::string_view text, std::size_t offset) {
  if (offset >= text.size()) return 0;
  char c = text[offset];
  if (c == '\n') return 1;
  if (c == '\r') return offset + 1 < text.size() && text[offset + 1] == '\n' ? 2 : 1;
  if (c == '\xc2' && text.substr(offset, 2) == "\xc2\x85") return 2;
  if (c == '\xe2') {
    std::string_view three = text.substr(offset, 3);
    if (three == "\xe2\x80\xa8" || three == "\xe2\x80\xa9") return 3;
  }
  return 0;
}

void LineCursor::next_line() {
  while (offset_ < text_.size()) {
    if (std::size_t length = line_break_at(text_, offset_)) {
      offset_ += length;
      break;
    }
    ++offset_;
  }
  ++line_;
}

bool is_fit_to_parse(std::string_view text, Sink& sink) {
  for (std::size_t i = 0; i < text.size();) {
    auto byte = static_cast<unsigned char>(text[i]);
    if ((byte >= 0x20 && byte < 0x7f) || byte == '\n') {
      ++i;
      continue;
    }
    Character c = character_at(text, i);
    if (c.length == 0) {
      refuse_bytes(text, i, sink);
      return false;
    }
    if (!is_printable(c.code)) {
      sink.add(code::control_character, mark_of(text, i),
               fmt::format("the character U+{:04X} may not stand in YAML", c.code),
               fmt::format("write \"\\u{:04x}\" in double quotes", c.code));
      return false;
    }
    i += c.length;
  }
  return has_few_directives(text, sink);
}

}  // namespace raykeep::doc
