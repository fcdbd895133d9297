// All that can be said of what was seen without making anything. Pure.
#pragma once

#include "preflight/amounts.h"
#include "preflight/obstacle.h"
#include "preflight/survey.h"
#include "spec/site.h"

namespace raykeep::preflight {

Obstacles judge(const Survey& seen, const spec::Site& site);

/// What all plans take together, but for objects that are there already.
Usage use_of(const Survey& seen);

/// Pods of these clusters that run already: they are replaced, not added to.
std::vector<PodUse> own_pods(const Survey& seen);

}  // namespace raykeep::preflight
