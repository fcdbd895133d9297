// A RayService at one moment, as plain values: its clusters, which of them serve, and what is
// wanted. See facts.h; a RayService's clusters are decided on there like all others, and here only
// as wholes.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"

namespace raykeep::decide {

using Time = Instant;

/// What Serve's applications in a cluster say, all together.
enum class ServeSays {
  unasked,    // its dashboard cannot be asked (yet)
  nothing,    // it runs no application
  deploying,  // some are on the way
  running,    // all that are wanted run
  failed,     // one cannot be deployed, or is not well
};

/// Requests that the proxies of a cluster answered since it was made, and how many of them badly.
struct Answered {
  double all = 0;
  double bad = 0;  // 5xx
  bool operator==(const Answered&) const = default;
};

struct ServiceCluster {
  std::string name;
  bool going = false;        // it is being removed
  int capacity = 100;        // percent, that it was made with
  bool stale = false;        // its stored document is not what the RayService says now
  bool settled = false;      // every pod that it should have is there and ready
  std::string trouble = {};  // what stands in its way; empty: nothing known
  bool hopeless = false;     // and waiting will not heal it
  ServeSays serve = ServeSays::unasked;
  std::string serve_text = {};  // what its applications say where they do not all run
  bool refused = false;         // its Serve did not take the configuration
  std::string config = {};      // which configuration it should have: a hash
  std::string put = {};         // which one its Serve took last, and at which capacity
  std::string good = {};        // the last one with which all applications ran
  int proxies = 0;              // pods that take requests
  int expected = 0;             // pods with a proxy that Serve says is well
  int workers = 0;              // pods of its groups, those that are ending, too
  Answered answered = {};
  bool operator==(const ServiceCluster&) const = default;

  // Filled in by remember(): since when that is so, as far as this process saw it.
  std::optional<Time> hopeless_since = {};
  std::optional<Time> failed_since = {};
  std::optional<Time> nothing_since = {};
  std::optional<Time> step_since = {};  // it has this capacity
};

struct ServiceObserved {
  std::vector<ServiceCluster> clusters = {};  // oldest first
  std::string points_to = {};  // the cluster that the Services point to; empty: none yet
  bool mixed = false;          // and requests go to the others, too
  bool front_stale = false;    // the Services are not as planned
  std::string given_up = {};   // "<cluster> <config>" that is not tried again
  std::string given_up_why = {};

  // Filled in by remember().
  std::optional<Time> mixed_since = {};
  std::map<std::string, Answered> before = {};  // what each cluster had answered then
};

enum class UpgradeWay { new_cluster, incremental, none };

struct ServiceDesired {
  bool usable = true;
  std::string problem = {};  // why not
  std::string cluster = {};  // that should serve
  std::string config = {};   // with this configuration: a hash; empty: with none
  UpgradeWay way = UpgradeWay::new_cluster;
  int surge = 100;  // percent of the capacity that a step of `incremental` moves
  bool suspended = false;
  Duration patience = std::chrono::minutes(15);  // for a new cluster to serve
  Duration together = std::chrono::seconds(60);  // old and new serve side by side, watched
  Duration step = std::chrono::seconds(1);       // an incremental step lasts as long
};

struct ServiceLimits {
  Duration hopeless = std::chrono::seconds(60);  // before waiting is given up
  Duration failed = std::chrono::seconds(10);    // an application, likewise
  Duration nothing = std::chrono::seconds(5);    // before Serve is told again what to run
  Duration together = std::chrono::seconds(5);   // at least: data planes learn of endpoints
  double least_requests = 20;                    // to be judged by
  double worse = 0.05;                           // of all requests, more than before
};

/// What a process remembers of a RayService between two looks. All of it may be lost.
struct ServiceMemory {
  struct OfCluster {
    std::optional<Time> hopeless, failed, nothing;
    int capacity = -1;
    Time step = {};
  };
  std::map<std::string, OfCluster> clusters;
  std::optional<Time> mixed;
  std::map<std::string, Answered> before;
};

/// Fills in the since-times.
void remember(ServiceMemory& memory, ServiceObserved& observed, Time now);

}  // namespace raykeep::decide
