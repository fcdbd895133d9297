// The Kubernetes objects of a cluster, told by what each kind of them is for.
#pragma once

#include "report/input.h"

namespace raykeep::report {

/// {"kind", "what", "names"} in the order of the plan. Live, also what is there and not planned.
doc::Array objects(const Input& input);

/// Live: "StatefulSet demo-head" of the plan that is not there. Empty where only files were read.
std::vector<std::string> missing_objects(const Input& input);

/// Live: what carries the cluster's labels and is not planned.
std::vector<std::string> unplanned_objects(const Input& input);

}  // namespace raykeep::report
