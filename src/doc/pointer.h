// JSON pointers (RFC 6901), and the way people write the same path:
// spec.workerGroupSpecs[1].groupName.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace raykeep::doc {

/// Escapes one step: "ray.io/cluster" -> "ray.io~1cluster".
std::string escape_step(std::string_view step);

/// "/spec/workerGroupSpecs/1/a~1b" -> {"spec", "workerGroupSpecs", "1", "a/b"}.
std::vector<std::string> split_pointer(std::string_view pointer);

/// "/spec/workerGroupSpecs/1/template" -> "spec.workerGroupSpecs[1].template"; a step with dots is
/// put in brackets and quotes: metadata.annotations["ray.io/ft-enabled"].
std::string as_path(std::string_view pointer);

}  // namespace raykeep::doc
