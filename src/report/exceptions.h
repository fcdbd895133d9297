// Where a Site or a document asked for more than the least: what a reviewer has to agree to.
#pragma once

#include "report/input.h"

namespace raykeep::report {

/// {"what", "askedBy", "why", "weight": "high" | "normal" | "note"}. `workloads` as workloads()
/// gives them.
doc::Array exceptions(const Input& input, const doc::Array& workloads);

}  // namespace raykeep::report
