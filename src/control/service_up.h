// `up` of a RayService. Where a controller keeps the namespace, the document is stored and its
// status watched; elsewhere `up` takes the controller's turns itself, from the workstation, and can
// be interrupted and started again at any point.
#pragma once

#include "control/progress.h"
#include "control/up.h"
#include "plan/ray_service.h"

namespace raykeep::control {

/// True: it serves what the document says. False: it does not, and `report` was told why. Throws
/// Failure where applying did not work.
awaitable<bool> up_service(const Access& access, plan::ServicePlan plan, UpOptions options,
                           Report report);

}  // namespace raykeep::control
