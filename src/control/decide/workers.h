// Workers on lost nodes. Kubernetes evicts them by itself after five minutes; until then their
// Deployment makes no others. A graceful deletion starts the replacement at once. No fence is
// needed: a worker shares nothing with its successor, and the GCS declares its node dead by itself.
#pragma once

#include "control/decide/decision.h"
#include "control/decide/facts.h"

namespace raykeep::decide {

/// Nothing is replaced when more than half of three or more look lost: then it is rather the
/// control plane that does not see them, and pods that serve would be ended when it does again.
/// Requires: the owner is present.
void decide_workers(const Observed& observed, const Desired& desired, Time now,
                    const Limits& limits, Decision& decision);

}  // namespace raykeep::decide
