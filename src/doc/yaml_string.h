// How a string is written in YAML so that every reader takes it for that string.
#pragma once

#include <string>
#include <string_view>

namespace raykeep::doc {

/// Whether readers agree that this text without quotes is a string: those with go-yaml's rules,
/// with YAML 1.1's and with YAML 1.2's. Says nothing about characters that need quotes for other
/// reasons.
bool is_surely_string(std::string_view text);

/// On one line: plain where that is safe in block style, else in single or double quotes, as
/// kubectl would.
std::string one_line_string(std::string_view text);

/// Whether a text is better written as a block literal ("|"), and can be: it has several lines and
/// no characters that need an escape.
bool suits_literal(std::string_view text);

/// "|", "|-", "|+", with "2" after the bar where the text begins with a space, a tab or an empty
/// line.
std::string literal_header(std::string_view text);

}  // namespace raykeep::doc
