// What a cluster is meant to be: its stored document and Site, read and planned, and judged by the
// controller's policy. Pure.
#pragma once

#include <optional>
#include <string>

#include "control/decide/facts.h"
#include "control/observe.h"
#include "control/policy.h"
#include "plan/plan.h"

namespace raykeep::control {

struct Understanding {
  decide::Desired desired;
  /// Its objects as they are to be applied: owned by the live owner, with its generation in them.
  /// Nothing when the document cannot be used.
  std::optional<plan::Plan> plan;
};

/// Requires: the owner is there.
Understanding understand(const Observed& observed, const Policy& policy);

/// `down` has begun with the cluster: nothing is made anew. See removing_annotation.
bool is_being_removed(const doc::Value& owner);

}  // namespace raykeep::control
