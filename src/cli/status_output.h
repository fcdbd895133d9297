// A cluster's status as people and programs read it.
#pragma once

#include <string>

#include "control/status.h"
#include "doc/json.h"

namespace raykeep::cli {

doc::Object to_json(const control::Diagnosis& diagnosis);
doc::Object to_json(const control::ClusterStatus& status);

/// A heading, the pods as a table, then troubles with their next steps, then warnings. `wide`:
/// addresses and images, too.
std::string to_text(const control::ClusterStatus& status, bool wide);

/// The one line that a watch prints elsewhere than on a terminal: "demo ready: head 1/1, small
/// 2/2".
std::string to_line(const control::ClusterStatus& status);

}  // namespace raykeep::cli
