// Findings as people and as programs read them.
#pragma once

#include <cstdio>

#include "base/finding.h"
#include "doc/json.h"

namespace raykeep::cli {

doc::Array to_json(const Findings& findings);

/// One line each, as to_string(Finding) has it; on a terminal the severity is coloured.
void print(std::FILE* to, const Findings& findings);

/// "2 errors, 1 warning"; empty for none.
std::string summary(const Findings& findings);

}  // namespace raykeep::cli
