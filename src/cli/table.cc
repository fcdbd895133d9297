#include "cli/table.h"

#include <algorithm>

#include "cli/terminal.h"

namespace raykeep::cli {

std::string table(const std::vector<Row>& rows) {
  auto cell = [](const std::string& text) { return text.empty() ? std::string("<none>") : text; };
  std::vector<std::size_t> widths;
  for (const Row& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i)
      widths[i] = std::max(widths[i], columns_of(cell(row[i])));
  }
  std::string out;
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      std::string text = cell(row[i]);
      out += text;
      if (i + 1 < row.size()) out.append(widths[i] - columns_of(text) + 3, ' ');
    }
    out += '\n';
  }
  return out;
}

}  // namespace raykeep::cli
