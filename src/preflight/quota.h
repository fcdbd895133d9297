// ResourceQuotas against what a whole cluster takes, all replicas counted. Pure.
#pragma once

#include <functional>

#include "preflight/amounts.h"
#include "preflight/obstacle.h"

namespace raykeep::preflight {

/// What those of the pods take for which `which` holds; pods that have ended take nothing.
std::vector<PodUse> uses_of(const std::vector<doc::Value>& pods,
                            const std::function<bool(const doc::Value&)>& which);

/// `own`: pods that the quota counts as used already and that make room: of this very cluster, or
/// about to be gone.
Obstacles judge_quotas(const std::vector<doc::Value>& quotas, const Usage& demand,
                       const std::vector<PodUse>& own);

/// Does the quota count such a pod (scopes and scopeSelector)?
bool counts(const doc::Value& quota, const PodUse& pod);

}  // namespace raykeep::preflight
