// A finding: something in a user's file that is wrong or will not do what it says. Findings are
// collected, never just the first one, and each carries where, what, and what to write instead.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace raykeep {

/// A place in a file. Lines and columns count from 1, columns in Unicode characters; 0 means
/// unknown.
struct Place {
  std::string file;
  int line = 0;
  int column = 0;
  bool operator==(const Place&) const = default;
};

enum class Severity {
  error,    // the document cannot be used
  warning,  // it can be used, but something will not work or not be safe
  notice,   // worth knowing: accepted, but ignored or not acted on yet
};

/// "error", "warning", "notice".
std::string_view to_string(Severity severity);

struct Finding {
  Severity severity = Severity::error;
  std::string code;  // "RK2103"; stable for ever; `raykeep check --explain` tells it
  Place place;
  std::string path;    // "spec.workerGroupSpecs[1].rayStartParams.num-cpus", may be empty
  std::string what;    // "\"4 cores\" is not a number"
  std::string remedy;  // "write \"4\"", may be empty
  bool operator==(const Finding&) const = default;
};

using Findings = std::vector<Finding>;

bool has_errors(const Findings& findings);

/// One line: `cluster.yaml:41:13 RK2103 spec.x: "4 cores" is not a number; write "4"`.
/// Warnings and notices say so after the code.
std::string to_string(const Finding& finding);

/// Stable order: by file, line, column, code.
void sort_by_place(Findings& findings);

}  // namespace raykeep
