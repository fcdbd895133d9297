// One RayService's turn: what is there is seen, decided on (decide/service.h) and carried out, and
// what was decided is written where people look. The controller takes such turns for as long as it
// leads; `up` takes them itself where there is no controller. Stopped anywhere, the next turn goes
// on from what stands in the namespace.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "control/access.h"
#include "control/dashboard_access.h"
#include "control/decide/service.h"
#include "control/service_view.h"

namespace raykeep::control {

/// What the controller and `up` do differently.
struct ServiceHands {
  Road road = Road::pods;
  std::string instance;  // who says what events say
  /// Makes a cluster, or brings it up to date.
  std::function<awaitable<void>(const plan::Plan& plan)> make;
  std::function<awaitable<void>(std::string cluster)> remove;
  /// What the cluster's proxies answered; nobody knows where it is not given.
  std::function<decide::Answered(const Observed& cluster)> answered = {};
  /// A line for people: what was done, and why; or what went wrong.
  std::function<void(bool bad, const std::string& service, const std::string& text)> say;
};

class ServiceKeeper {
 public:
  /// Both must outlive it.
  ServiceKeeper(const Access& access, ServiceHands hands)
      : access_(access), hands_(std::move(hands)) {}

  struct Turn {
    decide::ServiceObserved seen;
    decide::ServiceDecision decision;
    std::map<std::string, ServeSighting> sightings;
    bool good = true;  // everything that was decided was done
  };

  /// Requires: seen.owner, which is not being removed. `may_act` is asked before each action.
  awaitable<Turn> look(const ServiceSeen& seen, std::function<bool()> may_act);

  void forget_all() { memories_.clear(); }

 private:
  struct Memory {
    decide::ServiceMemory decided;
    std::map<std::string, std::string>
        refused;                 // what Serve said last, by cluster and configuration
    std::set<std::string> said;  // problems, once
    std::string wished_by;       // the stored texts that `wish` was read from
    std::shared_ptr<const ServiceWish> wish;
  };

  awaitable<ServeSighting> sight(const Observed& cluster, Memory& memory);
  awaitable<void> carry_out(const ServiceSeen& seen, const ServiceWish& wish,
                            const decide::ServiceAction& action, Memory& memory);
  awaitable<void> patch_owner_of(const ServiceSeen& seen, const std::string& cluster,
                                 doc::Object patch);
  awaitable<void> deploy(const ServiceSeen& seen, const std::string& cluster, Memory& memory);
  awaitable<void> write_down(const ServiceSeen& seen, const Turn& turn);
  awaitable<void> tell_event(const ServiceSeen& seen, const decide::ServiceAction& action);

  const Access& access_;
  const ServiceHands hands_;
  std::map<std::string, Memory> memories_;
};

/// The text to store of a RayService: conditions, and KubeRay's activeServiceStatus and
/// pendingServiceStatus. Pure.
std::string service_status_text(const ServiceSeen& seen, const ServiceKeeper::Turn& turn,
                                WallTime now);

}  // namespace raykeep::control
