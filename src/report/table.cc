#include "report/table.h"

#include <fmt/format.h>

#include "report/describe.h"

namespace raykeep::report {

Table::Table(Html& page, std::string_view kind, std::string_view caption,
             std::vector<std::string> columns)
    : page_(page), columns_(std::move(columns)) {
  page_.open("table", {{"role", "table"}, {"class", std::string(kind)}});
  page_.element("caption", caption);
  page_.open("thead", {{"role", "rowgroup"}}).open("tr", {{"role", "row"}});
  for (const std::string& column : columns_)
    page_.element("th", {{"role", "columnheader"}, {"scope", "col"}}, column);
  page_.close().close().newline();
}

Table::~Table() {
  begin_body();
  page_.close().close().newline();
}

void Table::begin_body() {
  if (!in_body_) page_.open("tbody", {{"role", "rowgroup"}});
  in_body_ = true;
}

void Table::heading(std::string_view text) {
  if (in_body_) page_.close();
  in_body_ = false;
  begin_body();
  page_.open("tr", {{"role", "row"}, {"class", "heading"}});
  page_.element("th",
                {{"role", "rowheader"},
                 {"scope", "rowgroup"},
                 {"colspan", fmt::format("{}", columns_.size())}},
                text);
  page_.close().newline();
}

void Table::begin_row() {
  begin_body();
  page_.open("tr", {{"role", "row"}});
  column_ = 0;
}

void Table::end_row() { page_.close().newline(); }

void Table::head(std::string_view text) {
  page_.open("th", {{"role", "rowheader"}, {"scope", "row"}, {"data-label", columns_[column_++]}});
  page_.element("div", text).close();
}

void Table::cell(std::string_view text, std::string_view kind) {
  begin_cell(kind);
  page_.text(text);
  end_cell();
}

void Table::begin_cell(std::string_view kind) {
  std::string label = columns_[column_++];
  page_.open("td", {{"role", "cell"}, {"data-label", std::move(label)}});
  if (kind.empty()) {
    page_.open("div");
  } else {
    page_.open("div", {{"class", std::string(kind)}});
  }
}

namespace {
constexpr std::size_t most_on_paper = 8;
}

void put_list(Html& page, const std::vector<std::string>& texts, std::size_t most,
              std::string_view of_what) {
  auto items = [&page](auto first, auto last) {
    page.open("ul", {{"class", "plain"}});
    for (auto at = first; at != last; ++at) page.element("li", *at);
    page.close();
  };
  if (texts.empty()) return;
  if (texts.size() <= most) {
    items(texts.begin(), texts.end());
    return;
  }
  // On paper, short ones are open.
  page.open("details", {{"class", texts.size() <= most_on_paper ? "short" : "long"}});
  page.element("summary",
               fmt::format("{} and {} more {}", texts.front(),
                           grouped(static_cast<std::int64_t>(texts.size()) - 1), of_what));
  items(texts.begin() + 1, texts.end());
  page.close();
}

}  // namespace raykeep::report
