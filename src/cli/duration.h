// Durations in flags; see base/duration.h.
#pragma once

#include "base/duration.h"

namespace raykeep::cli {
using raykeep::no_limit;
using raykeep::parse_duration;
}  // namespace raykeep::cli
