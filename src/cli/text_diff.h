// Which lines of a text changed: for fields that hold a whole document, like the owner ConfigMap's.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace raykeep::cli {

/// Lines that only `before` has as "- line", those that only `after` has as "+ line", in their
/// order; lines that both have are left out. Texts of more than 2,000 lines are taken as wholly
/// changed.
std::vector<std::string> changed_lines(std::string_view before, std::string_view after);

}  // namespace raykeep::cli
