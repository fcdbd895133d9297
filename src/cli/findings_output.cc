#include "cli/findings_output.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "cli/terminal.h"

namespace raykeep::cli {
namespace {

Colour colour_of(Severity severity) {
  return severity == Severity::error     ? Colour::red
         : severity == Severity::warning ? Colour::yellow
                                         : Colour::faint;
}

}  // namespace

doc::Array to_json(const Findings& findings) {
  doc::Array out;
  for (const Finding& finding : findings) {
    out.push_back(doc::Object{{"severity", to_string(finding.severity)},
                              {"code", finding.code},
                              {"file", finding.place.file},
                              {"line", finding.place.line},
                              {"column", finding.place.column},
                              {"path", finding.path},
                              {"what", finding.what},
                              {"remedy", finding.remedy}});
  }
  return out;
}

void print(std::FILE* to, const Findings& findings) {
  for (const Finding& finding : findings) {
    std::string line = to_string(finding);
    std::size_t at = line.find(finding.code);
    if (at != std::string::npos && !finding.code.empty()) {
      line.replace(at, finding.code.size(),
                   coloured(to, colour_of(finding.severity), finding.code));
    }
    fmt::print(to, "{}\n", line);
  }
}

std::string summary(const Findings& findings) {
  std::vector<std::string> parts;
  for (Severity severity : {Severity::error, Severity::warning, Severity::notice}) {
    auto count = std::ranges::count(findings, severity, &Finding::severity);
    if (count > 0)
      parts.push_back(fmt::format("{} {}{}", count, to_string(severity), count == 1 ? "" : "s"));
  }
  return join(parts, ", ");
}

}  // namespace raykeep::cli
