#include "control/decide/fence.h"

#include <fmt/format.h>

namespace raykeep::decide {
namespace {

constexpr const char* by_hand =
    "when its node is known to be off, kubectl delete pod --force lets Kubernetes start another";

/// What is missing for a fence, whatever the moment; an empty reason: nothing.
Obstacle missing_fence(const Fence& fence) {
  switch (fence.storage) {
    case Storage::memory:
      return {"NoStorage",
              "the GCS keeps its state in memory, and nothing would stop an old head; give the "
              "document gcsFaultToleranceOptions"};
    case Storage::redis:
      if (!fence.on_road)
        return {"NoFence",
                "the head talks to Redis by itself and not by Raykeep's road, so the store would "
                "not refuse an old head's writes; leave starting Ray to Raykeep"};
      return {};
    case Storage::rocksdb:
      if (fence.shared_volume)
        return {"SharedVolume",
                "the GCS volume may be mounted by several nodes at once, so nothing keeps an old "
                "head from writing; use a claim with ReadWriteOnce or ReadWriteOncePod"};
      if (!fence.detach_cuts)
        return {
            "VolumeFenceUnknown",
            "whether detaching the GCS volume stops a node that still writes is not known here; "
            "if the storage driver does so, say it on the claim: kubectl annotate pvc CLAIM "
            "raykeep.io/volume-fence=detach"};
      return {};
  }
  return {};
}

}  // namespace

Condition failover_ready(const Observed& observed) {
  const Fence& fence = observed.fence;
  auto condition = [](Condition::Status status, std::string reason, std::string message) {
    return Condition{"FailoverReady", status, std::move(reason), std::move(message)};
  };
  using enum Condition::Status;
  if (!observed.head) return condition(unknown, "HeadMissing", "there is no head to look at");
  if (Obstacle missing = missing_fence(fence); !missing.reason.empty())
    return condition(no, missing.reason, missing.message);
  if (fence.storage == Storage::rocksdb)
    return condition(yes, "VolumeDetach", "detaching the GCS volume cuts a lost node off");
  if (fence.lease == Fence::Lease::unknown)
    return condition(unknown, "StoreNotAsked",
                     fence.problem.empty() ? "Redis was not asked yet" : fence.problem);
  if (!fence.epoch_known)
    return condition(no, "NoEpoch",
                     "no head has taken the lease in Redis yet, or Redis lost its data");
  return condition(yes, "LeaseInStore", "Redis refuses the writes of a head that lost its lease");
}

Obstacle obstacle_to_replacing(const Observed& observed, const std::string& uid) {
  const Fence& fence = observed.fence;
  const char* left = observed.owner == Owner::present
                         ? "the head does not answer and is not replaced"
                         : "the head's pod hangs and is not removed";
  if (Obstacle missing = missing_fence(fence); !missing.reason.empty()) {
    missing.message = fmt::format("{}: {}; {}", left, missing.message, by_hand);
    return missing;
  }
  if (fence.storage == Storage::rocksdb) return {};
  switch (fence.lease) {
    case Fence::Lease::unknown:
      return {"StoreNotAsked",
              fmt::format("{}: whether it still holds its lease is not known{}{}; make Redis "
                          "reachable for the controller",
                          left, fence.problem.empty() ? "" : ": ", fence.problem)};
    case Fence::Lease::held:
      if (fence.holder == uid)
        return {"HeadHoldsLease",
                "the head does not answer here, but renews its lease in Redis, so it lives and "
                "serves: something stands between it and the controller"};
      return {"OldHeadHoldsLease",
              fmt::format("an earlier head (pod uid {}) still holds the lease in Redis, so its "
                          "container runs somewhere; this one takes over when that ends",
                          fence.holder)};
    case Fence::Lease::free:
      break;
  }
  if (!fence.epoch_known)
    return {"NoEpoch",
            fmt::format("{}: Redis has no epoch of a head, as if it had lost its data; {}", left,
                        by_hand)};
  return {};
}

}  // namespace raykeep::decide
