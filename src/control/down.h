// `down`: remove everything that carries the cluster's inventory labels, and nothing else. In an
// order: the pods go first, gracefully, and the policies that guard them only when no pod is left;
// the owner ConfigMap is the last, so that an interrupted `down` is seen and goes on.
// Level-triggered: each look removes what is next.
#pragma once

#include "control/access.h"
#include "control/observe.h"
#include "control/progress.h"

namespace raykeep::control {

struct DownOptions {
  bool dry_run = false;
  Deadline until;
};

enum class DownOutcome {
  gone,           // nothing of the cluster is left
  nothing_there,  // nothing was there
  left_over,      // the deadline passed; what is left was reported
};

/// What to delete next: workloads, then what is left of their ReplicaSets and pods, then the rest,
/// then policies, and the owner last. Empty while what was deleted is still going, or when nothing
/// is left. Pure.
std::vector<kube::Ref> next_to_remove(const Observed& observed);

awaitable<DownOutcome> down(const Access& access, std::string ns, std::string cluster,
                            DownOptions options, Report report);

}  // namespace raykeep::control
