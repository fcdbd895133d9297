// What to do about a RayService: make a cluster, tell its Serve what to run, let requests go to it,
// remove the one that serves no more, or go back. Pure and level-triggered as decide.h is: stopped
// at any point, whoever looks next goes on from what stands there.
//
// Requests move from one cluster to the next without a switch: first both take them, then the
// workers of the former one end as pods do that are deleted, each when its last answer is sent. An
// endpoint that simply left would do as much for new connections, but some data planes (Cilium's)
// reset the connections that are open to it.
//
// Its promises: the Services point to a cluster whose applications run, once there was one; pods
// that take requests leave by ending, never by being taken out; a new cluster that does not come to
// serve, or serves worse, goes again.
#pragma once

#include "control/decide/decision.h"
#include "control/decide/service_facts.h"

namespace raykeep::decide {

struct ServiceAction {
  enum class Verb {
    make,       // a cluster, or bring its stored document and capacity up to date
    configure,  // store with a cluster which configuration its Serve should have
    deploy,     // tell its Serve
    commend,    // note that its configuration is a good one
    restore,    // store the last good configuration in place of one that does not run
    point,    // let the Services point to the cluster; `mixed`: and requests go to the others, too
    remove,   // a cluster
    give_up,  // note that this cluster and configuration are not to be tried again
  };
  Verb verb;
  std::string cluster;
  int capacity = 100;
  bool mixed = false;
  std::string reason;
  bool operator==(const ServiceAction&) const = default;
};

std::string_view to_string(ServiceAction::Verb verb);

struct ServiceDecision {
  std::vector<ServiceAction> actions;  // in this order; the rest waits when one fails
  std::vector<Condition> conditions;
};

/// Requires: remember() has filled in the since-times.
ServiceDecision decide_service(const ServiceObserved& observed, const ServiceDesired& desired,
                               Time now, const ServiceLimits& limits = {});

}  // namespace raykeep::decide
