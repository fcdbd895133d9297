// Would the old head be kept from writing, if another one were started now? The one question on
// which a fail-over hangs.
//
// With namespace rights this can be proven in one case only: the store itself refuses. There the
// head's agent holds a lease beside the GCS data, and every write carries the check that the lease
// is its own still; a new head takes it over with a higher epoch, and from then on the old head's
// writes fail, whatever node, network and clocks do. So removing the pod object is safe for the
// store at any time. Whether it is of use is what the lease tells: while it is held, somebody lives
// and serves, and is left alone.
//
// A RocksDB volume is cut off by being detached, which Kubernetes does after the pod object is
// gone, before it attaches the volume for the new head. VolumeAttachments, volumes and nodes are
// cluster-scoped, and even who may read them cannot see whether detaching stops a node that still
// writes: that is the storage driver's nature. So it counts only where somebody who knows says so
// on the claim.
#pragma once

#include <string>

#include "control/decide/decision.h"
#include "control/decide/facts.h"

namespace raykeep::decide {

/// Whether a fence is there at all, as the condition FailoverReady: asked in good times, so that a
/// missing fence is known before the node is lost.
Condition failover_ready(const Observed& observed);

/// Why the head `uid` must not be replaced now; an empty reason: it may. `reason` and `message` are
/// those of the condition HeadAnswers.
struct Obstacle {
  std::string reason;
  std::string message;
};
Obstacle obstacle_to_replacing(const Observed& observed, const std::string& uid);

}  // namespace raykeep::decide
