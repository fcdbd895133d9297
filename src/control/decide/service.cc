#include "control/decide/service.h"

#include <algorithm>

#include <fmt/format.h>

namespace raykeep::decide {
namespace {

using Status = Condition::Status;
using Verb = ServiceAction::Verb;

/// What a cluster's Serve should have taken.
std::string wanted(const ServiceCluster& cluster) {
  return fmt::format("{} {}", cluster.config, cluster.capacity);
}

bool runs_its_configuration(const ServiceCluster& cluster) {
  return cluster.config.empty() ||
         (cluster.put == wanted(cluster) && cluster.serve == ServeSays::running);
}

/// With all of its present capacity.
bool serves(const ServiceCluster& cluster) {
  return !cluster.going && !cluster.stale && cluster.settled && runs_its_configuration(cluster) &&
         (cluster.config.empty() || (cluster.proxies > 0 && cluster.proxies >= cluster.expected));
}

std::string obstacle(const ServiceCluster& cluster) {
  if (!cluster.trouble.empty()) return cluster.trouble;
  if (cluster.serve == ServeSays::unasked)
    return cluster.settled ? "its dashboard does not answer yet" : "not every pod is ready yet";
  if (!cluster.serve_text.empty()) return cluster.serve_text;
  if (!cluster.settled) return "not every pod is ready yet";
  if (cluster.proxies == 0) return "no proxy takes requests yet";
  if (cluster.proxies < cluster.expected)
    return fmt::format("{} of {} proxies take requests", cluster.proxies, cluster.expected);
  return "its applications are being deployed";
}

/// Of a cluster's answers since then, how many of all are errors.
double rate(const Answered& now, const Answered& before) {
  const double all = now.all - before.all;
  return all <= 0 ? 0 : (now.bad - before.bad) / all;
}

class Turn {
 public:
  Turn(const ServiceObserved& seen, const ServiceDesired& want, Time now,
       const ServiceLimits& limits)
      : seen_(seen), want_(want), now_(now), limits_(limits) {}

  ServiceDecision run() {
    current_ = find(seen_.points_to);
    if (!want_.usable) {
      if (current_) tend(*current_, false);
    } else if (current_ == nullptr) {
      begin();
    } else if (is_given_up()) {
      stay();
    } else if (want_.cluster == current_->name || want_.way == UpgradeWay::none) {
      in_place();
    } else {
      upgrade();
    }
    if (want_.usable && current_ != nullptr) {
      clear_away();
      if (seen_.mixed && !has_others() && (target_ == nullptr || target_ == current_))
        act(Verb::point, current_->name, "it serves alone");
    }
    conditions();
    return std::move(decision_);
  }

 private:
  const ServiceCluster* find(const std::string& name) const {
    auto found = std::ranges::find(seen_.clusters, name, &ServiceCluster::name);
    return name.empty() || found == seen_.clusters.end() ? nullptr : &*found;
  }

  void act(Verb verb, const std::string& cluster, std::string reason, int capacity = 100,
           bool mixed = false) {
    decision_.actions.push_back({verb, cluster, capacity, mixed, std::move(reason)});
  }

  bool lasts(const std::optional<Time>& since, Duration span) const {
    return since && now_ - *since >= span;
  }

  bool is_given_up() const {
    return seen_.given_up == fmt::format("{} {}", want_.cluster, want_.config);
  }

  /// Nothing serves yet, or what did was taken away.
  void begin() {
    const ServiceCluster* target = find(want_.cluster);
    if (target != nullptr && target->going) return;  // it comes anew when it is gone
    if (target == nullptr) act(Verb::make, want_.cluster, "nothing serves yet");
    act(Verb::point, want_.cluster, "it is the first one");
    target_ = target;
  }

  /// Its stored document, its configuration, and what its Serve was told.
  void tend(const ServiceCluster& cluster, bool is_goal) {
    if (cluster.going) return;
    if (is_goal && cluster.stale)
      act(Verb::make, cluster.name, "the document changed", cluster.capacity);
    if (is_goal && cluster.config != want_.config) {
      act(Verb::configure, cluster.name, "serveConfigV2 is another one");
      return;
    }
    if (cluster.config.empty() || cluster.serve == ServeSays::unasked) return;
    if (cluster.put != wanted(cluster)) {
      act(Verb::deploy, cluster.name,
          cluster.put.empty() ? "its Serve was not told yet" : "its Serve was told another one");
    } else if (lasts(cluster.nothing_since, limits_.nothing)) {
      act(Verb::deploy, cluster.name, "its Serve runs nothing any more");
    } else if (cluster.good != cluster.config && serves(cluster)) {
      act(Verb::commend, cluster.name, "all applications run with it");
    }
  }

  void in_place() {
    if (want_.cluster == current_->name) target_ = current_;
    keep_front();
    const bool fails = lasts(current_->failed_since, limits_.failed);
    const bool has_better = !current_->good.empty() && current_->good != current_->config;
    if (fails && has_better && (current_->refused || current_->put == wanted(*current_))) {
      act(Verb::give_up, want_.cluster, current_->serve_text);
      act(Verb::restore, current_->name, "the new configuration does not run");
      return;
    }
    if (target_ && current_->capacity < 100)
      act(Verb::make, current_->name, "it is to serve alone", 100);
    tend(*current_, true);
  }

  void keep_front() {
    if (seen_.front_stale)
      act(Verb::point, current_->name, "the Services differ from the plan", 100, seen_.mixed);
  }

  /// While both serve the new cluster answers worse than the other one.
  std::string worse_than_the_former() const {
    auto since = [&](const ServiceCluster& cluster) {
      auto found = seen_.before.find(cluster.name);
      return found == seen_.before.end() ? cluster.answered : found->second;
    };
    const Answered of_new = since(*target_), of_old = since(*current_);
    if (target_->answered.all - of_new.all < limits_.least_requests) return "";
    const double now = rate(target_->answered, of_new), then = rate(current_->answered, of_old);
    if (now <= then + limits_.worse) return "";
    return fmt::format("{:.1f} % of its answers are errors, and of the former cluster's {:.1f} %",
                       now * 100, then * 100);
  }

  void upgrade() {
    target_ = find(want_.cluster);
    tend(*current_, false);
    keep_front();
    if (seen_.mixed && (target_ == nullptr || has_others())) {
      // Another document in the middle of a move: back first, then the new one.
      if (current_->capacity < 100)
        act(Verb::make, current_->name, "the document changed in the middle of a move", 100);
      return;
    }
    if (target_ == nullptr) {
      const int first = want_.way == UpgradeWay::incremental ? want_.surge : 100;
      act(Verb::make, want_.cluster, "the document changed what its pods are", first);
      return;
    }
    if (target_->going) return;
    if (current_->good.empty() && !seen_.mixed && !serves(*current_)) {
      // Nobody was ever served: nothing is to be kept.
      act(Verb::point, target_->name, "the former cluster never served");
      return;
    }
    std::string why = failure_of(*target_);
    if (why.empty() && seen_.mixed) why = worse_than_the_former();
    if (!why.empty()) {
      act(Verb::give_up, target_->name, why);
      return;
    }
    tend(*target_, true);
    if (!serves(*target_) || target_->config != want_.config) return;
    if (!seen_.mixed) {
      if (has_others()) return;  // they would get requests, too
      act(Verb::point, current_->name, "the new cluster serves, too", 100, true);
    } else if (target_->capacity < 100) {
      step();
    } else if (lasts(seen_.mixed_since, std::max(want_.together, limits_.together))) {
      act(Verb::point, target_->name, "it serves well; the former one goes", 100, true);
    }
  }

  /// Capacity moves from the cluster that serves to the new one.
  void step() {
    const int left = 100 - target_->capacity;
    if (!lasts(target_->step_since, want_.step) || !lasts(current_->step_since, want_.step)) return;
    if (current_->capacity > left) {
      act(Verb::make, current_->name, "the new cluster has taken over this much", left);
    } else if (current_->settled && runs_its_configuration(*current_)) {
      act(Verb::make, target_->name, "the next step",
          std::min(100, target_->capacity + want_.surge));
    }
  }

  /// Clusters beside the one that serves and the one that is to.
  bool has_others() const {
    return std::ranges::any_of(seen_.clusters, [this](const ServiceCluster& each) {
      return &each != current_ && &each != target_;
    });
  }

  std::string failure_of(const ServiceCluster& target) const {
    if (serves(target)) return "";
    if (lasts(target.hopeless_since, limits_.hopeless)) return obstacle(target);
    if (lasts(target.failed_since, limits_.failed))
      return target.serve_text.empty() ? "an application failed" : target.serve_text;
    if (lasts(target.step_since, want_.patience))
      return fmt::format("it does not serve after {} s: {}",
                         std::chrono::floor<std::chrono::seconds>(want_.patience).count(),
                         obstacle(target));
    return "";
  }

  /// What is wanted was tried and did not serve.
  void stay() {
    keep_front();
    if (current_->capacity < 100) act(Verb::make, current_->name, "it is to serve alone", 100);
    tend(*current_, false);
  }

  /// Clusters that are not wanted any more. Where requests go to all, their workers end first, one
  /// by one and each with its last answer; the head goes when no worker needs it.
  void clear_away() {
    for (const ServiceCluster& each : seen_.clusters) {
      if (&each == current_ || &each == target_ || each.going) continue;
      if (seen_.mixed && each.workers > 0) {
        if (each.capacity != 0) act(Verb::make, each.name, "it serves no more", 0);
      } else {
        act(Verb::remove, each.name,
            each.good.empty() ? "it never served, and is not wanted any more"
                              : "another cluster serves");
      }
    }
  }

  void say(const char* type, Status status, const char* reason, std::string message) {
    decision_.conditions.push_back({type, status, reason, std::move(message)});
  }

  void conditions() {
    if (!want_.usable) {
      say("Accepted", Status::no, "Unusable", want_.problem);
    } else {
      say("Accepted", Status::yes, "Accepted", "the document is understood");
    }
    if (want_.suspended) {
      say("Ready", Status::no, "Suspended", "no pods are wanted");
    } else if (current_ == nullptr) {
      say("Ready", Status::no, "Initializing", "no cluster serves yet");
    } else if (current_->proxies > 0 && current_->serve == ServeSays::running) {
      say("Ready", Status::yes, "Serving", fmt::format("cluster {} serves", current_->name));
    } else if (current_->config.empty() && current_->settled) {
      say("Ready", Status::yes, "NothingToServe",
          fmt::format("cluster {} is there, and no application is wanted", current_->name));
    } else {
      say("Ready", Status::no, current_->good.empty() ? "Initializing" : "Troubled",
          fmt::format("cluster {}: {}", current_->name, obstacle(*current_)));
    }
    of_configuration();
    of_upgrade();
  }

  /// Does the cluster that serves run what the document says now?
  void of_configuration() {
    if (!want_.usable || want_.suspended || current_ == nullptr || is_given_up()) return;
    if (current_->config != want_.config || current_->put != wanted(*current_) ||
        (current_->stale && current_->name == want_.cluster)) {
      say("Deployed", Status::no, "Changing", "the document is being carried out");
    } else if (!serves(*current_)) {
      say("Deployed", Status::no, "Deploying", obstacle(*current_));
    } else {
      say("Deployed", Status::yes, "Deployed", "all applications run as the document says");
    }
  }

  void of_upgrade() {
    if (is_given_up() && want_.usable) {
      say("UpgradeInProgress", Status::no, "RolledBack",
          fmt::format("cluster {} was given up, and the former state serves on: {}", want_.cluster,
                      seen_.given_up_why));
    } else if (current_ && target_ && target_ != current_) {
      say("UpgradeInProgress", Status::yes, seen_.mixed ? "Moving" : "Preparing",
          fmt::format("cluster {} is to take over from {} ({} % and {} % of the capacity): {}",
                      target_->name, current_->name, target_->capacity, current_->capacity,
                      serves(*target_) ? "it serves" : obstacle(*target_)));
    } else if (current_ && want_.usable && want_.way != UpgradeWay::none &&
               want_.cluster != current_->name) {
      say("UpgradeInProgress", Status::yes, "Preparing",
          fmt::format("cluster {} is to take over from {}", want_.cluster, current_->name));
    } else if (current_ && (seen_.mixed || has_others())) {
      say("UpgradeInProgress", Status::yes, "Ending",
          fmt::format("cluster {} serves, and what is not wanted any more ends", current_->name));
    } else if (current_ && want_.usable && want_.way == UpgradeWay::none &&
               want_.cluster != current_->name) {
      say("UpgradeInProgress", Status::no, "NotWanted",
          "what changed the pods is not carried out: upgradeStrategy.type is None");
    } else {
      say("UpgradeInProgress", Status::no, "NoPendingCluster", "nothing is to be upgraded");
    }
  }

  const ServiceObserved& seen_;
  const ServiceDesired& want_;
  const Time now_;
  const ServiceLimits& limits_;
  const ServiceCluster* current_ = nullptr;
  const ServiceCluster* target_ = nullptr;
  ServiceDecision decision_;
};

}  // namespace

std::string_view to_string(Verb verb) {
  switch (verb) {
    case Verb::make:
      return "make cluster";
    case Verb::configure:
      return "configure";
    case Verb::deploy:
      return "deploy";
    case Verb::commend:
      return "commend";
    case Verb::restore:
      return "restore configuration of";
    case Verb::point:
      return "point Services to";
    case Verb::remove:
      return "remove cluster";
    case Verb::give_up:
      return "give up";
  }
  return "";
}

ServiceDecision decide_service(const ServiceObserved& observed, const ServiceDesired& desired,
                               Time now, const ServiceLimits& limits) {
  return Turn(observed, desired, now, limits).run();
}

namespace {

void note(std::optional<Time>& since, bool is_so, Time now) {
  if (!is_so) {
    since.reset();
  } else if (!since) {
    since = now;
  }
}

}  // namespace

void remember(ServiceMemory& memory, ServiceObserved& observed, Time now) {
  std::erase_if(memory.clusters, [&](const auto& known) {
    return std::ranges::find(observed.clusters, known.first, &ServiceCluster::name) ==
           observed.clusters.end();
  });
  if (!observed.mixed) memory.mixed.reset();
  if (observed.mixed && !memory.mixed) {
    memory.mixed = now;
    memory.before.clear();
    for (const ServiceCluster& each : observed.clusters) memory.before[each.name] = each.answered;
  }
  observed.mixed_since = memory.mixed;
  observed.before = memory.before;
  for (ServiceCluster& each : observed.clusters) {
    ServiceMemory::OfCluster& known = memory.clusters[each.name];
    if (known.capacity != each.capacity) known.step = now;
    known.capacity = each.capacity;
    note(known.hopeless, each.hopeless, now);
    note(known.failed, each.serve == ServeSays::failed, now);
    note(known.nothing, each.serve == ServeSays::nothing, now);
    each.hopeless_since = known.hopeless;
    each.failed_since = known.failed;
    each.nothing_since = known.nothing;
    each.step_since = known.step;
  }
}

}  // namespace raykeep::decide
