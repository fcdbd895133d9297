// observe -> DECIDE -> carry out. What to do about a cluster, and what to say of it, as a pure
// function: no clock, no network, no Kubernetes objects. Level-triggered: it looks at how things
// are, never at what happened, so a lost event, a restart or a second controller changes nothing,
// and on a cluster that is as it should be it decides to do nothing.
//
// Its promises, which the table (decide_test.cc) and 10,000 simulated runs (simulation_test.cc)
// hold it to: no head's pod is removed by force unless a fence keeps the old head from writing; a
// head that holds its lease is left alone; nothing is touched for a document that cannot be used;
// volume claims are never removed.
#pragma once

#include "control/decide/decision.h"
#include "control/decide/facts.h"

namespace raykeep::decide {

/// Requires: remember() has filled in the since-times of `observed` for `now`.
Decision decide(const Observed& observed, const Desired& desired, Time now,
                const Limits& limits = {});

}  // namespace raykeep::decide
