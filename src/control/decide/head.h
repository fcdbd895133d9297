// The head: does it answer, and if not, is its node lost? An ordered chain; the order is the
// specification.
//
// A node that is gone cannot be told from one that is slow by looking longer, and a namespace's
// rights do not show nodes at all. So the node is asked: the pod is deleted *gracefully*. A kubelet
// that lives ends the container and confirms, and the StatefulSet makes a new head in good order. A
// kubelet that does not confirm within the grace period and some seconds is lost to the API server,
// and only then the pod object is removed by force, which lets the StatefulSet go on. Both steps
// are taken only where the fence holds (fence.h). The first leaves its mark in the cluster (the
// deletionTimestamp), so a controller that takes over goes on where another one stopped.
#pragma once

#include "control/decide/decision.h"
#include "control/decide/facts.h"

namespace raykeep::decide {

/// Adds what concerns the head: actions, the condition HeadAnswers, events, when to look again.
void decide_head(const Observed& observed, const Desired& desired, Time now, const Limits& limits,
                 Decision& decision);

}  // namespace raykeep::decide
