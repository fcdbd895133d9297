// What ails one pod, as an ordered chain: the first trouble found is the answer, because it
// explains the later ones.
#pragma once

#include <optional>

#include "control/diagnose.h"

namespace raykeep::control {

/// Nothing for a pod that is well, or that is still on its way within ordinary time.
std::optional<Diagnosis> trouble_of(const doc::Value& pod, const Observed& observed);

/// Where a pod is on its way, in a few words: "waiting for a node", "pulling image", "starting",
/// "ready".
std::string stage_of(const doc::Value& pod, const Observed& observed);

}  // namespace raykeep::control
