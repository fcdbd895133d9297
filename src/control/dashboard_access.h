// How the dashboards of a RayService's clusters are reached: from the controller over the pods'
// network, from a workstation through a forwarded port. The token is read from the cluster's Secret
// for each question and kept nowhere.
#pragma once

#include <string>

#include "control/access.h"
#include "control/observe.h"
#include "control/serve_api.h"

namespace raykeep::control {

enum class Road { pods, forwarded };

/// How the applications of a cluster are; unanswered where its head does not run (yet).
awaitable<ServeStatus> look_at_serve(const Access& access, Road road, const Observed& cluster,
                                     Duration patience);

/// Tells its Serve what to run. Empty, or why it did not take it. Throws Failure when nobody could
/// be told.
awaitable<std::string> deploy_serve(const Access& access, Road road, const Observed& cluster,
                                    std::string config, int capacity, Duration patience);

/// One request to the dashboard of a cluster with its token: for commands that pass on answers.
awaitable<net::Response> ask_dashboard(const Access& access, Road road, const Observed& cluster,
                                       net::Request request, std::size_t most, Duration patience);

}  // namespace raykeep::control
