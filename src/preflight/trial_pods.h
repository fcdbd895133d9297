// The pods of a trial, as they are sent. Pure. What the survey found missing is left out of them:
// it is told already, and the rest can be tried.
#pragma once

#include <string>

#include "preflight/survey.h"
#include "preflight/workload.h"
#include "spec/site.h"

namespace raykeep::preflight {

/// References outlive it.
struct PodMaker {
  const spec::Site& site;
  const Survey& survey;
  doc::Value modest;  // resources that the namespace's LimitRanges allow
};

/// Waits to be asked.
doc::Object probing_pod(const PodMaker& maker);

/// Has the container's image pulled and ends before it has begun: its command is in no image.
doc::Object image_pod(const PodMaker& maker, const doc::Value& pod_spec,
                      const doc::Value& container);

/// As large as a pod of the workload, for the same nodes, with those of its claims that are bound.
/// Not of its priority: it must not drive others away.
doc::Object size_pod(const PodMaker& maker, const Workload& workload);

/// A claim like `planned` with a selector that no volume has: it is given none and none is made for
/// it (external provisioners refuse selectors), and its events tell whether its class is there.
/// Owned by `job`, so that it goes with it.
doc::Object unbindable_claim(const std::string& name, const std::string& run,
                             const doc::Value& planned, const doc::Value& job);

}  // namespace raykeep::preflight
