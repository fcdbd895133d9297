#include "base/finding.h"

#include <algorithm>
#include <tuple>

#include <fmt/format.h>

namespace raykeep {

bool has_errors(const Findings& findings) {
  return std::ranges::any_of(findings,
                             [](const Finding& f) { return f.severity == Severity::error; });
}

std::string_view to_string(Severity severity) {
  switch (severity) {
    case Severity::error:
      return "error";
    case Severity::warning:
      return "warning";
    case Severity::notice:
      break;
  }
  return "notice";
}

std::string to_string(const Finding& finding) {
  std::string out;
  if (!finding.place.file.empty()) {
    out = finding.place.file;
    if (finding.place.line > 0) {
      out += fmt::format(":{}:{}", finding.place.line, finding.place.column);
    }
    out += ' ';
  }
  out += finding.code;
  if (finding.severity != Severity::error) out += fmt::format(" {}", to_string(finding.severity));
  if (!finding.path.empty()) out += ' ' + finding.path;
  out += ": " + finding.what;
  if (!finding.remedy.empty()) out += "; " + finding.remedy;
  return out;
}

void sort_by_place(Findings& findings) {
  std::ranges::stable_sort(findings, {}, [](const Finding& f) {
    return std::tie(f.place.file, f.place.line, f.place.column, f.code);
  });
}

}  // namespace raykeep
