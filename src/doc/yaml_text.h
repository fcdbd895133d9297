// The first look at a YAML text, before libyaml sees it: is it UTF-8, of printable characters, and
// does it stay clear of what makes libyaml slow. Lines are counted as libyaml counts them.
#pragma once

#include <string_view>

#include "doc/yaml_sink.h"

namespace raykeep::doc {

/// Adds a finding and returns false if the text cannot be given to libyaml.
bool is_fit_to_parse(std::string_view text, Sink& sink);

/// The length of the line break at `offset`; 0 if there is none. YAML 1.1 has LF, CR, CRLF, NEL, LS
/// and PS.
std::size_t line_break_at(std::string_view text, std::size_t offset);

/// Walks through a text line by line, forwards only.
class LineCursor {
 public:
  explicit LineCursor(std::string_view text) : text_(text) {}

  int line() const { return line_; }  // from 0
  std::size_t offset() const { return offset_; }
  bool at_end() const { return offset_ >= text_.size(); }
  std::string_view rest() const { return text_.substr(std::min(offset_, text_.size())); }
  void next_line();

 private:
  std::string_view text_;
  std::size_t offset_ = 0;
  int line_ = 0;
};

}  // namespace raykeep::doc
