// The keys that a deleted cluster leaves in Redis. The cluster's deletion never waits for them (no
// finalizer: it would hold the cluster, and its namespace, when no controller runs): a note with
// all that is needed is written while the cluster lives, outlives it, and is worked off when the
// head is gone, because a living GCS would write the keys again.
#pragma once

#include "control/decide/decision.h"
#include "control/decide/facts.h"

namespace raykeep::decide {

void decide_clean_up(const Observed& observed, Time now, const Limits& limits, Decision& decision);

}  // namespace raykeep::decide
