// Text that must fit into a place whose width is known: SVG breaks no lines.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace raykeep::report {

/// The text if it is at most `most` columns wide, else its beginning and an ellipsis. Cuts between
/// characters; East Asian ones and emoji are two columns wide.
std::string fit(std::string_view text, std::size_t most);

/// The text in lines of at most `columns`, broken at spaces where there are any; at most `most`
/// lines, of which the last may be cut.
std::vector<std::string> wrapped(std::string_view text, std::size_t columns, std::size_t most);

}  // namespace raykeep::report
