#include "spec/validate.h"

#include "spec/groups.h"

namespace raykeep::spec {

void validate(const Cursor& root, const RayCluster&) {
  validate_metadata(root["metadata"]);
  Cursor spec = root["spec"];
  validate_group_names(spec["workerGroupSpecs"].items());
}

}  // namespace raykeep::spec
