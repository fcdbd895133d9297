#include "report/html.h"

#include <cstdlib>
#include <utility>

#include <fmt/format.h>

namespace raykeep::report {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";  // U+FFFD

/// One character of UTF-8 from the front of `text`, and how long it is; nothing is_good about what
/// is overlong, a surrogate or cut off.
struct Character {
  char32_t code = 0;
  std::size_t size = 1;
  bool is_good = false;
};

Character first_of(std::string_view text) {
  auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return {lead, 1, true};
  const std::size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < size) return {};
  char32_t code = lead & (0x7Fu >> size);
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return {};
    code = code << 6 | (byte(i) & 0x3Fu);
  }
  constexpr char32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
  if (code < least[size] || surrogate || code > 0x10FFFF) return {};
  return {code, size, true};
}

bool turns_direction(char32_t code) {
  return code == 0x200E || code == 0x200F || code == 0x061C || (code >= 0x202A && code <= 0x202E) ||
         (code >= 0x2066 && code <= 0x2069);
}

bool is_control(char32_t code) {
  return (code < 0x20 && code != '\n' && code != '\t') || (code >= 0x7F && code < 0xA0);
}

}  // namespace

std::string escaped(std::string_view text) {
  std::string out;
  out.reserve(text.size() + text.size() / 8);
  while (!text.empty()) {
    const Character next = first_of(text);
    if (!next.is_good || is_control(next.code)) {
      out += replacement;
    } else if (turns_direction(next.code)) {
      out += fmt::format("\u27E8U+{:04X}\u27E9", static_cast<unsigned>(next.code));
    } else if (next.code == '&') {
      out += "&amp;";
    } else if (next.code == '<') {
      out += "&lt;";
    } else if (next.code == '>') {
      out += "&gt;";
    } else if (next.code == '"') {
      out += "&quot;";
    } else if (next.code == '\'') {
      out += "&#39;";
    } else {
      out += text.substr(0, next.size);
    }
    text.remove_prefix(next.size);
  }
  return out;
}

void Html::begin(std::string_view tag, Attributes attributes) {
  out_ += '<';
  out_ += tag;
  for (const Attribute& each : attributes) {
    out_ += ' ';
    out_ += each.name.text();
    out_ += "=\"";
    out_ += escaped(each.value);
    out_ += '"';
  }
}

Html& Html::open(Literal tag, Attributes attributes) {
  begin(tag.text(), attributes);
  out_ += '>';
  open_.push_back(tag.text());
  return *this;
}

Html& Html::empty(Literal tag, Attributes attributes) {
  begin(tag.text(), attributes);
  out_ += "/>";
  return *this;
}

Html& Html::close() {
  if (open_.empty()) std::abort();
  out_ += "</";
  out_ += open_.back();
  out_ += '>';
  open_.pop_back();
  return *this;
}

Html& Html::text(std::string_view value) {
  out_ += escaped(value);
  return *this;
}

Html& Html::element(Literal tag, Attributes attributes, std::string_view value) {
  return open(tag, attributes).text(value).close();
}

Html& Html::link(std::string_view anchor, std::string_view value) {
  out_ += "<a href=\"#" + escaped(anchor) + "\">" + escaped(value) + "</a>";
  return *this;
}

Html& Html::raw(Literal markup) {
  out_ += markup.text();
  return *this;
}

Html& Html::newline() {
  out_ += '\n';
  return *this;
}

Html& Html::add(const Html& piece) {
  if (!piece.open_.empty()) std::abort();
  out_ += piece.out_;
  return *this;
}

std::string Html::take() {
  if (!open_.empty()) std::abort();
  return std::exchange(out_, {});
}

}  // namespace raykeep::report
