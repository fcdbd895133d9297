// The report as a value: what `raykeep report -o json` prints, and all that the page is made of. A
// pure function: the same input gives the same bytes.
#pragma once

#include "report/input.h"

namespace raykeep::report {

/// {"apiVersion": "raykeep.io/v1", "kind": "Report", "cluster", "site", "summary", "flows", ...}.
doc::Object model(const Input& input);

}  // namespace raykeep::report
