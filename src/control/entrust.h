// `up` where a controller keeps the namespace: it stores the document, and the controller carries
// it out.
#pragma once

#include <string>

#include "control/access.h"
#include "control/progress.h"
#include "plan/plan.h"

namespace raykeep::control {

/// Waits until the controller says that all of the stored document is applied. False: it refuses or
/// cannot, or the time was up; `report` was told why.
awaitable<bool> wait_for_controller(const Access& access, const plan::Plan& plan, Deadline until,
                                    const Report& report);

}  // namespace raykeep::control
