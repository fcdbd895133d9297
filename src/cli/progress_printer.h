// up's and down's progress as people and programs read it: a block that is drawn anew on a
// terminal, one line per change elsewhere, one JSON object per line with -o json, bare names with
// -o name.
#pragma once

#include "cli/arguments.h"
#include "control/progress.h"

namespace raykeep::cli {

/// A printer to stdout, fit for what stdout is. It keeps its own state: one printer for one
/// cluster.
control::Report progress_printer(Output output, const std::string& cluster);

}  // namespace raykeep::cli
