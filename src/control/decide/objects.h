// The objects of the plan: apply what is missing or differs, remove what no plan names any more.
#pragma once

#include "control/decide/decision.h"
#include "control/decide/facts.h"

namespace raykeep::decide {

/// Adds what concerns the plan's objects: actions, the conditions Accepted and Applied, events.
/// Nothing is touched while the document is not usable, or while somebody else's object has a name
/// that the plan needs. Requires: the owner is present.
void decide_objects(const Observed& observed, const Desired& desired, Decision& decision);

}  // namespace raykeep::decide
