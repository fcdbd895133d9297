// Which images run, by what name they are asked for, and which bytes that is.
#pragma once

#include "report/input.h"

namespace raykeep::report {

/// Sorted by name: {"image", "digest", "pinned", "running": [digests], "usedBy": ["Deployment
/// demo-worker-a: ray-worker"]}. `digest` is that of the name; one that has none may be another
/// image tomorrow. `running` is what nodes say they run; empty where only files were read.
doc::Array images(const Input& input);

}  // namespace raykeep::report
