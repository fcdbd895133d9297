// Has the namespace room for a second cluster beside the one that serves? Said before an upgrade
// begins: the quota would refuse pods one by one, and the upgrade would be given up minutes later.
#pragma once

#include <string>

#include "control/access.h"
#include "plan/ray_service.h"

namespace raykeep::cli {

/// What stands in the way and what to do about it; empty where nothing does, where the plan's
/// cluster is there already or is the first one, and where quotas may not be read.
control::awaitable<std::string> lack_of_room(const control::Access& access,
                                             const plan::ServicePlan& plan,
                                             const spec::RayService& service,
                                             const spec::Site& site);

}  // namespace raykeep::cli
