// What `up` would change: the API server's own answer to a dry run of every apply, compared with
// what is there.
#pragma once

#include "control/apply.h"
#include "doc/diff.h"

namespace raykeep::control {

struct ObjectDifference {
  enum class What { added, changed, removed } what;
  std::string object;                // "Service demo-head-svc"
  std::vector<doc::Change> changes;  // of a changed object; values of Secrets are masked
};

/// Without what the server keeps for itself (status, managedFields, versions, times) and, for
/// Secrets, their values.
doc::Value comparable(doc::Value object);

/// Refuses foreign objects as `up` does.
awaitable<std::vector<ObjectDifference>> differences(const Access& access, const plan::Plan& plan);

}  // namespace raykeep::control
