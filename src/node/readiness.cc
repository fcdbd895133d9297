#include <fmt/format.h>

#include "node/decide.h"
#include "node/step.h"

namespace raykeep::node {
namespace {

/// A busy proxy that misses a question still serves, and so does one that we, starved like it, did
/// not get to ask. Taken out for it, its node would have every open connection reset on some
/// networks, which is worse than waiting.
bool proxy_is_well(const Limits& limits, const Observed& seen, Instant now) {
  return seen.serve.good && (seen.serve.good_now || seen.serve_slow) &&
         now - *seen.serve.good <= limits.serve_slow;
}

class Question {
 public:
  Question(const Config& config, const Memory& memory, const Observed& seen, Instant now)
      : config_(config), limits_(config.limits), memory_(memory), seen_(seen), now_(now) {}

  /// Why the node is not ready; empty when it is.
  std::string objection() const {
    if (seen_.stop_signals > 0) return leaves() ? "" : "it is stopping: " + memory_.why;
    if (memory_.phase != Phase::running) return memory_.why;
    if (!raylet_is_well()) return bad("the raylet", seen_.raylet_health);
    auto text = config_.role == Role::head ? head() : worker();
    return text.empty() && config_.serve ? serve() : text;
  }

 private:
  bool fresh(const ProbeSeen& probe) const {
    return probe.good && now_ - *probe.good <= limits_.fresh;
  }

  /// A proxy needs no raylet to answer: what takes requests is not left for a slow one, only for
  /// one that hangs. The good answer must be of the process that runs now, not of its predecessor.
  bool raylet_is_well() const {
    if (!seen_.of(Daemon::raylet).there || !memory_.of(Daemon::raylet).good_since) return false;
    const auto& good = seen_.raylet_health.good;
    const bool serves = config_.serve && takes_requests(config_, seen_, now_);
    return good && now_ - *good <= (serves ? limits_.raylet_silent : limits_.fresh);
  }

  static std::string bad(std::string_view what, const ProbeSeen& probe) {
    return probe.text.empty() ? fmt::format("{} has not answered yet", what)
                              : fmt::format("{} is not well: {}", what, probe.text);
  }

  std::string head() const {
    if (memory_.of(Daemon::gcs).wanted && !seen_.of(Daemon::gcs).there) {
      return memory_.why.starts_with("the GCS") ? memory_.why : "the GCS is being restarted";
    }
    if (!fresh(seen_.gcs_health) ||
        (memory_.of(Daemon::gcs).wanted && !memory_.of(Daemon::gcs).good_since))
      return bad("the GCS", seen_.gcs_health);
    if (config_.road && !seen_.road.connected) {
      Duration away = seen_.road.away_since ? now_ - *seen_.road.away_since : Duration::zero();
      if (away > limits_.storage_grace)
        return fmt::format("Redis is away for {}, changes wait: {}", seconds(away),
                           seen_.road.problem);
    }
    if (config_.road && seen_.road.connected && !seen_.road.lease_held)
      return "the head's lease is not ours: changes wait";
    if (config_.dashboard && !(memory_.of(Daemon::dashboard).good_since && fresh(seen_.dashboard)))
      return bad("the dashboard", seen_.dashboard);
    return "";
  }

  std::string worker() const {
    if (!memory_.registered) {
      return seen_.gcs_alive.text.empty()
                 ? "the GCS does not list this node yet"
                 : fmt::format("the GCS does not list this node yet: {}", seen_.gcs_alive.text);
    }
    if (seen_.opinion == Opinion::dead) return "the GCS takes this node for dead";
    return "";
  }

  /// Its proxy still answers what it was asked. No request comes any more once a pod is deleted,
  /// ready or not; but one that is not ready has its open connections reset on some networks.
  bool leaves() const {
    return memory_.phase == Phase::draining &&
           (proxy_is_well(limits_, seen_, now_) || seen_.serve_draining);
  }

  /// A node without a Serve proxy is ready unless one is required: Serve puts proxies where
  /// replicas are. One that was here and is gone is waited for, for a while.
  std::string serve() const {
    if (proxy_is_well(limits_, seen_, now_)) return "";
    // A proxy that drains answers what comes. An endpoint that leaves has its connections reset on
    // some networks, so whether it is one is the label's to say (control/serve_labels.h), in time.
    if (seen_.serve_draining) return "";
    bool seen_in_this_life = seen_.serve.alive && *seen_.serve.alive > memory_.born;
    bool silent = !seen_in_this_life ||
                  (seen_.serve.silent > 0 && now_ - *seen_.serve.alive > limits_.serve_gone);
    if (silent && !config_.serve_required) return "";
    return bad("the Serve proxy", seen_.serve);
  }

  const Config& config_;
  const Limits& limits_;
  const Memory& memory_;
  const Observed& seen_;
  const Instant now_;
};

}  // namespace

Readiness readiness(const Config& config, const Memory& memory, const Observed& seen, Instant now) {
  auto objection = Question(config, memory, seen, now).objection();
  if (!objection.empty()) return {false, objection};
  return {true, config.role == Role::head ? "the GCS serves, the dashboard answers"
                                          : "the raylet is up, the GCS lists it"};
}

bool still_answers(const Observed& seen) { return seen.serve_draining && seen.stop_signals == 0; }

bool takes_requests(const Config& config, const Observed& seen, Instant now) {
  return proxy_is_well(config.limits, seen, now) && !seen.serve_draining && seen.stop_signals == 0;
}

}  // namespace raykeep::node
