#include "control/up.h"

#include <algorithm>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "control/agent_report.h"
#include "control/entrust.h"
#include "control/fields.h"
#include "control/inventory.h"
#include "control/presence.h"
#include "control/secrets.h"
#include "control/timestamp.h"
#include "flow/ports.h"

namespace raykeep::control {
namespace {

constexpr Duration between_looks = std::chrono::seconds(1);
// A trouble must stand this long before `up` gives up on it: controllers may be about to see the
// change.
constexpr Duration before_giving_up = std::chrono::seconds(4);
// A pod that ends takes its part of the quota until it has ended, and the controller of its
// successor tries again some twenty seconds later.
constexpr Duration for_room = std::chrono::seconds(60);
constexpr std::string_view tried_again_annotation = "raykeep.io/tried-again";
constexpr Duration between_logs = std::chrono::seconds(5);
constexpr Duration between_agents = std::chrono::seconds(3);

/// One state of one event: its count and time change its version.
std::string version_of(const doc::Value& event) {
  return fmt::format("{}/{}", uid_of(event), resource_version_of(event));
}

std::set<std::string> versions_of(const std::vector<doc::Value>& events) {
  std::set<std::string> versions;
  for (const doc::Value& event : events) versions.insert(version_of(event));
  return versions;
}

std::string key_of(const Diagnosis& diagnosis) {
  // Not the object: which of several pods stands for all changes from look to look.
  return diagnosis.reason + '\n' + without_spans(diagnosis.what);
}

/// The waiting of one `up`: what it has said already, and since when each trouble stands.
class Wait {
 public:
  /// `past` are the events from before this run; what they say is forgotten when the workloads
  /// `changed`, else they are still the best explanation there is.
  Wait(const Access& access, const plan::Plan& plan, Deadline until, std::set<std::string> past,
       bool changed, const Report& report)
      : access_(access),
        plan_(plan),
        until_(until),
        past_(std::move(past)),
        changed_(changed),
        report_(report),
        began_(access.clock.now()) {}

  awaitable<bool> run() {
    for (;;) {
      std::optional<ClusterStatus> status = co_await look();
      if (status) {
        tell(*status);
        if (is_complete(*status)) co_return true;
        if (!refused_anew_) co_await have_it_tried_again(*status);
        if (is_hopeless(*status)) {
          report_(Note{
              "waiting will not help here: change what is named above, then run raykeep up again"});
          co_return false;
        }
      }
      if (until_.passed(access_.clock)) {
        report_(Note{fmt::format(
            "not ready after {}; Kubernetes goes on trying: raykeep status {} says how it is",
            age_text(waited()), plan_.cluster)});
        co_return false;
      }
      co_await pause(std::min<Duration>(between_looks, until_.left(access_.clock)));
    }
  }

 private:
  /// Nothing when the server could not be asked this time.
  awaitable<std::optional<ClusterStatus>> look() {
    std::string problem;
    try {
      Observed observed =
          co_await observe(access_, plan_.ns, plan_.cluster, {.events = true, .everything = false});
      hear(observed.events);
      if (std::ranges::any_of(observed.pods, is_going)) pod_ended_ = access_.clock.now();
      co_await read_logs(observed);
      co_await read_agent(observed);
      connected_ = true;
      co_return status_of(observed);
    } catch (const Failure& failure) {
      if (!failure.passes()) throw;
      problem = failure.what();
    }
    if (connected_) report_(Note{fmt::format("{}; trying again", problem)});
    connected_ = false;
    co_return std::nullopt;
  }

  void hear(std::vector<doc::Value>& events) {
    auto is_past = [this](const doc::Value& event) { return past_.contains(version_of(event)); };
    refused_anew_ |= std::ranges::any_of(events, [&](const doc::Value& event) {
      return doc::find_string(event, {"reason"}) == "FailedCreate" && !is_past(event);
    });
    if (changed_) std::erase_if(events, is_past);
  }

  /// Pods that were refused before this run may be let in now, but their controllers wait up to a
  /// quarter of an hour between two tries (the exponential back-off of their queues, at most
  /// 1000 s). A change of the workload has them try at once.
  awaitable<void> have_it_tried_again(const ClusterStatus& status) {
    const WallTime at = wall_now();
    bool refused = std::ranges::any_of(status.troubles, &Diagnosis::refusal);
    if (!refused || std::exchange(asked_again_, true)) co_return;
    report_(Note{"the refusal is from before this run; Kubernetes is asked to try again"});
    doc::Object patch{
        {"metadata",
         doc::Object{{"annotations", doc::Object{{tried_again_annotation, time_text(at)}}}}}};
    for (const doc::Value& object : plan_.objects) {
      if (is_workload(object))
        co_await access_.client.merge_patch(kube::ref_of(object), patch, access_.request());
    }
  }

  /// Logs change slowly and cost the kubelet something; the last ones serve for a while.
  awaitable<void> read_logs(Observed& observed) {
    if (logs_worth_reading(observed, 1).empty()) co_return;
    if (logs_.empty() || access_.clock.now() - logs_read_ >= between_logs) {
      co_await fetch_logs(access_, observed);
      logs_ = observed.logs;
      logs_read_ = access_.clock.now();
    }
    observed.logs = logs_;
  }

  /// The agent of a head that is not ready knows why.
  awaitable<void> read_agent(Observed& observed) {
    int port = 0;
    const doc::Value* head = head_with_agent(observed, port);
    if (head == nullptr || is_ready(*head)) co_return;
    if (agent_.is_null() || access_.clock.now() - agent_read_ >= between_agents) {
      co_await ask_agent(access_, observed);
      agent_ = observed.agent;
      agent_read_ = access_.clock.now();
    }
    observed.agent = agent_;
  }

  void tell(const ClusterStatus& status) {
    for (const Diagnosis& trouble : status.troubles) {
      if (since_.try_emplace(key_of(trouble), access_.clock.now()).second)
        report_(Trouble{trouble});
    }
    std::erase_if(since_, [&](const auto& known) {
      return std::ranges::none_of(status.troubles, [&](const Diagnosis& trouble) {
        return key_of(trouble) == known.first;
      });
    });
    report_(OnTheWay{status, waited()});
  }

  bool is_complete(const ClusterStatus& status) const {
    auto planned = std::ranges::count_if(plan_.objects, is_workload);
    return is_settled(status) && std::ssize(status.groups) >= planned;
  }

  bool is_hopeless(const ClusterStatus& status) const {
    const bool room_comes = pod_ended_ && access_.clock.now() - *pod_ended_ < for_room;
    return std::ranges::any_of(status.troubles, [&](const Diagnosis& trouble) {
      if (trouble.refusal && !refused_anew_) return false;
      return trouble.hopeless && !(room_comes && trouble.reason == "Quota") &&
             access_.clock.now() - since_.at(key_of(trouble)) >= before_giving_up;
    });
  }

  std::chrono::seconds waited() const {
    return std::chrono::floor<std::chrono::seconds>(access_.clock.now() - began_);
  }

  const Access& access_;
  const plan::Plan& plan_;
  Deadline until_;
  const std::set<std::string> past_;
  const bool changed_;
  const Report& report_;
  Instant began_;
  bool refused_anew_ = false;  // pods were refused since this run began
  bool asked_again_ = false;
  std::map<std::string, Instant> since_;
  std::map<std::string, std::string> logs_;
  Instant logs_read_{};
  std::optional<Instant> pod_ended_;  // when one was last seen ending
  doc::Value agent_ = nullptr;
  Instant agent_read_{};
  bool connected_ = true;
};

/// With Ray's own TLS nodes wait for the controller to sign: without one the cluster would never be
/// ready.
void require_signer(const plan::Plan& plan) {
  const bool is_signed = std::ranges::any_of(
      plan.flows, [](const flow::Flow& flow) { return flow.port_name == flow::signer_port_name; });
  if (!is_signed) return;
  throw Failure(
      Failure::Kind::invalid,
      fmt::format(
          "in namespace {0} no controller runs, and with the Site's tls.mode: native it signs "
          "the nodes' certificates: nothing was touched; raykeep controller install -n {0} "
          "--site FILE, then the same again",
          plan.ns));
}

/// Carries the plan out, or has the controller do it. Nothing: it could not, and said so.
awaitable<std::optional<ApplyOutcome>> apply(const Access& access, const plan::Plan& plan,
                                             const UpOptions& options, const Report& report) {
  std::optional<std::string> controller;
  if (!options.dry_run) controller = co_await controller_in(access, plan.ns);
  if (!controller) {
    if (!options.dry_run) require_signer(plan);
    ApplyOutcome outcome = co_await carry_out(access, plan, options.dry_run, report);
    co_return outcome;
  }
  bool changed = co_await store_document(access, plan, report);
  report(Note{fmt::format("the controller ({}) carries it out", *controller)});
  ApplyOutcome outcome{.changed = changed, .workloads_changed = changed};
  if (!options.wait) co_return outcome;
  bool applied = co_await wait_for_controller(access, plan, options.until, report);
  if (!applied) co_return std::nullopt;
  // Secrets are not the controller's to list or delete.
  co_await prune_secrets(access, plan, false, report);
  co_return outcome;
}

}  // namespace

awaitable<bool> up(const Access& access, plan::Plan plan, UpOptions options, Report report) {
  std::set<std::string> past;
  if (options.wait && !options.dry_run) {
    Observed before =
        co_await observe(access, plan.ns, plan.cluster, {.events = true, .everything = false});
    past = versions_of(before.events);
  }
  std::optional<ApplyOutcome> outcome = co_await apply(access, plan, options, report);
  if (!outcome) co_return false;
  if (!options.wait || options.dry_run) co_return true;
  Wait wait(access, plan, options.until, std::move(past), outcome->workloads_changed, report);
  bool ready = co_await wait.run();
  co_return ready;
}

}  // namespace raykeep::control
