// JSON Schemas (draft 2020-12) of what Raykeep reads, for editors and CI: `raykeep schema`.
#pragma once

#include <string_view>

#include "doc/json.h"

namespace raykeep::spec {

/// For kind "RayCluster" or "Site"; null for other kinds.
doc::Value schema(std::string_view kind);

}  // namespace raykeep::spec
