// The Redis of a cluster's head, asked and cleaned by the controller with the head's own
// credentials: its Secrets are read by name, and stand as files in a folder of memory while they
// are needed.
#pragma once

#include <string>

#include "control/access.h"
#include "control/decide/facts.h"
#include "control/observe.h"
#include "control/private_folder.h"
#include "control/road_target.h"
#include "redis/cleanup.h"

namespace raykeep::control {

/// What a head's StatefulSet and the ConfigMap that it mounts say of its Redis. Nothing: its state
/// is elsewhere, or one of the two is not there.
std::optional<RoadTarget> store_of(const Observed& observed);

class Store {
 public:
  /// `folder` must be private and not on a disk: secrets are written there.
  Store(const Access& access, std::string ns, std::string folder)
      : access_(access), ns_(std::move(ns)), folder_(std::move(folder)) {}

  /// Who holds the lease, for decide::Fence. Whatever goes wrong is its `problem`, in words.
  awaitable<decide::Fence> ask(RoadTarget target, Duration patience);

  /// Removes the keys of a cluster that is gone. Throws Failure.
  awaitable<redis::Cleaned> clean(RoadTarget target, Duration patience);

 private:
  awaitable<redis::Upstream> prepare(RoadTarget target, const PrivateFolder& folder);

  const Access& access_;
  const std::string ns_;
  const std::string folder_;
};

/// The upstream of the road's configuration. Pure.
redis::Upstream upstream_of(const doc::Value& config);

}  // namespace raykeep::control
