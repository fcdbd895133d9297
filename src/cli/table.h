// Columns as kubectl prints them: upper-case heads, three spaces between, nothing after the last.
#pragma once

#include <string>
#include <vector>

namespace raykeep::cli {

using Row = std::vector<std::string>;

/// The rows with their columns aligned; one line each, with a final newline. Empty cells show as
/// <none>.
std::string table(const std::vector<Row>& rows);

}  // namespace raykeep::cli
