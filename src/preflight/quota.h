// ResourceQuotas against what a whole cluster takes, all replicas counted. Pure.
#pragma once

#include "preflight/amounts.h"
#include "preflight/obstacle.h"

namespace raykeep::preflight {

/// `own`: pods of this very cluster, which the quota counts as used already and which are replaced,
/// not added to.
Obstacles judge_quotas(const std::vector<doc::Value>& quotas, const Usage& demand,
                       const std::vector<PodUse>& own);

/// Does the quota count such a pod (scopes and scopeSelector)?
bool counts(const doc::Value& quota, const PodUse& pod);

}  // namespace raykeep::preflight
