// Everything that `up` will need, tried in one run: what a namespace and its guards say no to, all
// of it at once. Needs no right beyond `edit`, and leaves nothing behind.
#pragma once

#include "preflight/obstacle.h"
#include "preflight/trial.h"

namespace raykeep::preflight {

struct PreflightOptions {
  bool pods = true;  // false: questions and dry runs alone
  /// Until pods are no longer waited for; removing them comes on top.
  Duration patience = std::chrono::seconds(21);
};

/// In the order to be read. `wanted` must outlive it. Throws Failure when the API server cannot be
/// asked at all.
awaitable<Obstacles> preflight(const Access& access, const Wanted& wanted,
                               PreflightOptions options);

}  // namespace raykeep::preflight
