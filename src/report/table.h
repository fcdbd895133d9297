// A table of the page. On a narrow screen its rows become cards, each value under its column's
// name; the roles are written out, because a browser takes them from what is not laid out as a
// table.
#pragma once

#include <string>
#include <vector>

#include "report/html.h"

namespace raykeep::report {

class Table {
 public:
  /// `kind`: a class of the style sheet. `caption` is for those who hear the page.
  Table(Html& page, std::string_view kind, std::string_view caption,
        std::vector<std::string> columns);
  ~Table();
  Table(const Table&) = delete;

  /// A line across the table that the rows below belong to.
  void heading(std::string_view text);

  void begin_row();
  void end_row();
  /// The cell that names the row.
  void head(std::string_view text);
  void cell(std::string_view text, std::string_view kind = {});
  void begin_cell(std::string_view kind = {});
  void end_cell() { page_.close().close(); }

 private:
  void begin_body();

  Html& page_;
  std::vector<std::string> columns_;
  std::size_t column_ = 0;
  bool in_body_ = false;
};

/// A list of short texts, of which more than `most` stand in a part that opens.
void put_list(Html& page, const std::vector<std::string>& texts, std::size_t most,
              std::string_view of_what);

}  // namespace raykeep::report
