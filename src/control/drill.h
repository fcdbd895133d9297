// Drills: what a cluster makes of a crash, tried on the cluster itself with the rights of its
// namespace (pods/exec, pods/portforward, delete pods), measured from outside. The same drills that
// the project runs in its lab, for the people who run the cluster.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "control/access.h"
#include "control/drill_table.h"

namespace raykeep::control {

struct DrillResult {
  std::string drill;
  std::string skipped = {};      // why it was not tried
  std::string problem = {};      // why it failed; empty: it went well
  double recovered_seconds = 0;  // until every pod was ready again and Ray's agents well
  std::optional<double> outage_seconds = {};  // of the process, as its agent measured it
  std::int64_t requests = 0;
  std::int64_t failed_requests = 0;
  std::string first_failure = {};
  int workers_restarted =
      0;                    // pods replaced, containers or raylets started anew, but for the target
  std::int64_t actors = 0;  // that were alive, not counting those on a node that ends
  std::int64_t actors_kept = 0;
  bool actors_known = false;  // false: the dashboard could not be asked
};

struct DrillOptions {
  std::vector<std::string> only = {};          // names; empty: all
  Duration timeout = std::chrono::minutes(3);  // for each to come back
  std::string serve_path = {};                 // empty: no requests are sent
  int serve_port = 8000;
  int rate = 50;  // requests a second, in all
};

/// Says what is being done, a line each.
using DrillReport = std::function<void(const std::string&)>;

/// Runs the drills one after the other; stops at the first that does not come back. Throws
/// Failure::invalid when the cluster is not ready to begin with.
awaitable<std::vector<DrillResult>> run_drills(const Access& access, std::string ns,
                                               std::string cluster, DrillOptions options,
                                               DrillReport report);

}  // namespace raykeep::control
