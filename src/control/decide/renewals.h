// Ray's own TLS: Ray reads a node's certificate once, when it starts, so nodes are started again
// well before their certificates end. One at a time, drained, workers before the head, and while
// all is well; when time gets short, also while it is not.
#pragma once

#include "control/decide/decision.h"
#include "control/decide/facts.h"

namespace raykeep::decide {

/// Adds at most one action, and the condition Certificates where any node has one. A head that
/// keeps its state in memory is never started again for it: that is for people to time. Requires:
/// the owner is present.
void decide_renewals(const Observed& observed, const Desired& desired, Decision& decision);

}  // namespace raykeep::decide
