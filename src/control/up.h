// `up`: carry the plan out, then wait until every pod is ready, saying where things are and what
// stands in the way.
#pragma once

#include "control/apply.h"

namespace raykeep::control {

struct UpOptions {
  bool wait = true;
  bool dry_run = false;
  Deadline until;  // of the waiting
};

/// True: done. False: it was applied, and the pods did not become ready (the reason was reported):
/// because the deadline passed, or because waiting cannot help. Throws Failure where applying did
/// not work.
awaitable<bool> up(const Access& access, plan::Plan plan, UpOptions options, Report report);

}  // namespace raykeep::control
