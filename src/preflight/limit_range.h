// LimitRanges against every container, pod and claim of a plan. The API server names the first
// container that is outside; this names all. Pure.
#pragma once

#include <string>
#include <vector>

#include "plan/plan.h"
#include "preflight/obstacle.h"

namespace raykeep::preflight {

Obstacles judge_limit_ranges(const std::vector<doc::Value>& limit_ranges, const plan::Plan& plan);

/// Small requests and limits that all ranges allow, for pods of our own.
doc::Value modest_resources(const std::vector<doc::Value>& limit_ranges);

}  // namespace raykeep::preflight
