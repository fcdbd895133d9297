// What only pods can find out: whether images come, whether nodes take pods of that size, what a
// pod with the cluster's own policies reaches. All of them are short-lived (short_lived.h), satisfy
// the restricted standard, and run under a cluster's name of their own, so that no running cluster
// meets them.
#pragma once

#include <string>
#include <vector>

#include "preflight/survey.h"
#include "preflight/trial_results.h"
#include "spec/ray_cluster.h"
#include "spec/site.h"

namespace raykeep::preflight {

/// What is to run, as `up` would be given it: one plan for each cluster, in their order.
struct Wanted {
  std::string ns;
  std::vector<spec::RayCluster> clusters;
  spec::Site site;
  std::vector<plan::Plan> plans;
};

/// Tries everything at once, at most until the deadline, and removes what it made, also when it is
/// cancelled. What could not be tried is among the obstacles.
awaitable<Obstacles> try_with_pods(const Access& access, const Wanted& wanted, const Survey& survey,
                                   Deadline until);

}  // namespace raykeep::preflight
