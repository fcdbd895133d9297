// What the other end of stdout or stderr can show. Colours only on a terminal, without NO_COLOR,
// and not on TERM=dumb.
#pragma once

#include <cstdio>
#include <string>
#include <string_view>

namespace raykeep::cli {

enum class Colour { none, red, green, yellow, faint, bold };

bool is_terminal(std::FILE* stream);

/// Columns of the terminal; 80 where unknown.
int terminal_width(std::FILE* stream);

/// Whether nobody reads any more: the other end of the pipe was closed, the terminal hung up.
bool is_abandoned(std::FILE* stream);

/// `text`, in colour where `stream` shows colours.
std::string coloured(std::FILE* stream, Colour colour, std::string_view text);

/// How many columns valid UTF-8 takes, near enough: one per character.
std::size_t columns_of(std::string_view text);

/// Cuts text to at most `columns`, ending in "..." when something was cut.
std::string cut_to(std::string_view text, std::size_t columns);

}  // namespace raykeep::cli
