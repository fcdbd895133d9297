// The report for people: one HTML file with everything in it, no script and no outside resource,
// made of the model and of nothing else.
#pragma once

#include <string>

#include "doc/json.h"

namespace raykeep::report {

/// Requires: `model` is what model() made.
std::string page(const doc::Object& model);

}  // namespace raykeep::report
