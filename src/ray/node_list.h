// The GCS's node table as values, and the ids in it. Pure; internal to ray.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "ray/gcs.h"

namespace raykeep::ray {

/// From hex as Ray prints it to the 28 bytes it sends (NodeID in Ray's id.h; the same in 2.41 and
/// 2.60). Ray's GCS aborts on an id of another length, so nothing else may be sent.
Result<std::string> to_binary_id(std::string_view hex);

std::string to_hex_id(std::string_view binary);

/// A serialised GetAllNodeInfoReply, as far as `filter` asks for it.
Result<std::vector<Node>> parse_nodes(const std::string& reply, const NodeFilter& filter);

/// True when this version's CheckAlive asks by node id. Up to 2.48 the same field held addresses,
/// which a newer GCS must not be sent. Versions that are not numbers count as new.
bool checks_by_node_id(std::string_view ray_version);

}  // namespace raykeep::ray
