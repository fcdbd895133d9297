// Text helpers that std lacks. Nothing here knows of Kubernetes or Ray.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace raykeep {

std::vector<std::string_view> split(std::string_view text, char separator);
std::string join(const std::vector<std::string>& parts, std::string_view separator);
std::string_view trim(std::string_view text);

/// Text of a server, a file or a log, made harmless for a terminal: control characters become
/// spaces.
std::string harmless(std::string_view text);

/// Puts text into double quotes for a message; control characters and over-long tails are replaced,
/// so that a hostile file cannot write to the terminal. `most` counts bytes.
std::string quoted(std::string_view text, std::size_t most = 80);

/// The candidate nearest to `word` by edit distance, if near enough to be what was meant; else
/// empty.
std::string nearest(std::string_view word, const std::vector<std::string>& candidates);

bool is_valid_utf8(std::string_view text);

}  // namespace raykeep
