// What is not as it should be: flows that nothing lets through, rules that no flow needs, objects
// that are missing, then what the verification and the plan found.
#pragma once

#include "report/input.h"
#include "report/permits.h"

namespace raykeep::report {

/// {"severity": "error" | "warning" | "notice", "code", "object", "what", "remedy"}, the worst
/// first. `rows` as flow_rows() gives them, with the same `permits`.
doc::Array findings(const Input& input, const doc::Array& rows, const Permits& permits);

}  // namespace raykeep::report
