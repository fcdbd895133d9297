// Ports as the annotations of meshes list them: "6379,10002-10033", or "*" for all of them.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "spec/peer.h"

namespace raykeep::plan {

/// What cannot be read is left out: the mesh's injector refuses it.
std::vector<spec::PortRange> parse_port_list(std::string_view text);

bool overlap(const spec::PortRange& a, const spec::PortRange& b);

/// Is every port of `range` in one of the list's?
bool covers(const std::vector<spec::PortRange>& list, const spec::PortRange& range);

/// The first of the wanted that an annotation does not list wholly; nothing: it lists them all.
std::optional<spec::PortRange> first_missing(std::string_view list,
                                             const std::vector<spec::PortRange>& wanted);

}  // namespace raykeep::plan
