#include "control/service_up.h"

#include <fmt/format.h>

#include "control/agent_report.h"
#include "control/apply.h"
#include "control/diagnose.h"
#include "control/down.h"
#include "control/fields.h"
#include "control/forwarded_port.h"
#include "control/inventory.h"
#include "control/persisted.h"
#include "control/presence.h"
#include "control/secrets.h"
#include "control/serve_labels.h"
#include "control/service_keeper.h"
#include "control/status_report.h"

namespace raykeep::control {
namespace {

using namespace std::chrono_literals;
using decide::Condition;

constexpr Duration between_turns = 1s;
constexpr Duration for_servez = 3s;

/// What the agent of a pod says on /servez.
awaitable<ServeAnswer> ask_agent_of_pod(const Access& access, const Observed& cluster,
                                        const doc::Value& pod, int port) {
  try {
    net::Response told = co_await send_to_pod(access, cluster.ns, std::string(name_of(pod)), port,
                                              {.target = "/servez"}, 64 * 1024,
                                              Deadline::after(access.clock, for_servez));
    co_return read_serve_answer(told);
  } catch (const Failure& failure) {
    if (failure.kind() == Failure::Kind::cancelled) throw;
  }
  co_return ServeAnswer::unasked;
}

/// Those who wait for the Service see which pods take requests by this label; without a controller
/// it is kept by whoever looks.
awaitable<void> label_pods(const Access& access, const Observed& cluster) {
  for (const doc::Value& pod : cluster.pods) {
    const int port = agent_port_of(pod);
    if (label_of(pod, plan::ray_serve_label).empty() || port == 0 || is_going(pod)) continue;
    ServeAnswer answer = ServeAnswer::unasked;
    if (is_ready(pod)) answer = co_await ask_agent_of_pod(access, cluster, pod, port);
    if (auto due = due_serve_label(pod, answer))
      co_await set_serve_label(access, cluster.ns, pod, *due);
  }
}

/// What a look says: it is done, it failed, or it goes on.
enum class Outcome { goes_on, serves, failed };

Outcome outcome_of(const StoredStatus& status, std::string& why) {
  const StoredCondition* accepted = status.find("Accepted");
  const StoredCondition* ready = status.find("Ready");
  const StoredCondition* upgrade = status.find("UpgradeInProgress");
  if (accepted == nullptr || ready == nullptr || upgrade == nullptr) return Outcome::goes_on;
  if (accepted->status == "False") {
    why = accepted->message;
    return Outcome::failed;
  }
  if (upgrade->reason == "RolledBack") {
    why = upgrade->message;
    return Outcome::failed;
  }
  if (upgrade->status == "True") {
    why = upgrade->message;
    return Outcome::goes_on;
  }
  why = ready->message;
  if (ready->reason == "Suspended") return Outcome::serves;
  const StoredCondition* deployed = status.find("Deployed");
  if (deployed == nullptr || deployed->status != "True") {
    if (deployed != nullptr) why = deployed->message;
    return Outcome::goes_on;
  }
  const bool done = ready->status == "True";
  return done ? Outcome::serves : Outcome::goes_on;
}

StoredStatus as_stored(const std::vector<Condition>& conditions) {
  StoredStatus made;
  for (const Condition& each : conditions)
    made.conditions.push_back(
        {each.type, std::string(decide::to_string(each.status)), each.reason, each.message});
  return made;
}

/// The owner and what stands nowhere else; a given-up upgrade may be tried again.
awaitable<void> store(const Access& access, const plan::ServicePlan& plan, bool dry_run,
                      const Report& report) {
  std::optional<doc::Value> before =
      co_await access.client.find(kube::ref_of(plan.owner), access.request());
  if (before && service_above(*before) != plan.service)
    throw Failure(Failure::Kind::invalid,
                  fmt::format("{} is there already and belongs to {}; rename the RayService",
                              label_for_people(plan.owner), belongs_to(*before)));
  kube::Applied applied = co_await apply_object(access, plan.owner, dry_run);
  report(Done{applied.created ? Done::What::created
              : before && resource_version_of(*before) == resource_version_of(applied.object)
                  ? Done::What::unchanged
                  : Done::What::changed,
              label_for_people(plan.owner), dry_run});
  if (dry_run) co_return;
  doc::Object forgotten{{given_up_annotation, nullptr},
                        {given_up_why_annotation, nullptr},
                        {removing_annotation, nullptr}};
  doc::Object patch{{"metadata", doc::Object{{"annotations", std::move(forgotten)}}}};
  co_await access.client.merge_patch(kube::ref_of(plan.owner), std::move(patch), access.request());
  plan::Plan secrets;
  secrets.ns = plan.ns;
  secrets.cluster = plan.service;
  secrets.secrets = plan.secrets;
  co_await ensure_secrets(access, secrets, owner_reference(applied.object), false, report);
}

class Waiting {
 public:
  Waiting(const Access& access, const plan::ServicePlan& plan, UpOptions options,
          const Report& report)
      : access_(access), plan_(plan), options_(options), report_(report) {}

  /// The controller does it.
  awaitable<bool> watch(std::string controller) {
    report_(Note{fmt::format("the controller ({}) carries it out", controller)});
    return until_it_serves([this] { return ask_status(); });
  }

  /// Nobody else does it.
  awaitable<bool> drive() {
    ServiceKeeper keeper(access_, hands());
    keeper_ = &keeper;
    bool good = co_await until_it_serves([this] { return turn(); });
    co_return good;
  }

 private:
  ServiceHands hands() const {
    const Report silent = [](const Progress&) {};
    return {.road = Road::forwarded,
            .instance = "raykeep-up",
            .make = [this, silent](
                        const plan::Plan& plan) { return carry_out_all(access_, plan, silent); },
            .remove =
                [this, silent](std::string cluster) {
                  return take_down(access_, plan_.ns, std::move(cluster), silent);
                },
            .answered = {},
            .say =
                [this](bool bad, const std::string&, const std::string& text) {
                  report_(Note{bad ? fmt::format("{}; trying again", text) : text});
                }};
  }

  static awaitable<void> carry_out_all(const Access& access, plan::Plan plan, Report report) {
    co_await carry_out(access, plan, false, report);
  }

  static awaitable<void> take_down(const Access& access, std::string ns, std::string cluster,
                                   Report report) {
    co_await down(access, ns, cluster,
                  {.dry_run = false, .until = Deadline::after(access.clock, 5min)}, report);
  }

  awaitable<StoredStatus> ask_status() {
    std::optional<doc::Value> owner =
        co_await access_.client.find(kube::ref_of(plan_.owner), access_.request());
    if (!owner) throw Failure(Failure::Kind::invalid, "the RayService was deleted meanwhile");
    StoredStatus status = stored_status(*owner);
    if (status.fingerprint != stored_fingerprint(*owner)) co_return StoredStatus{};
    co_return status;
  }

  awaitable<StoredStatus> turn() {
    ServiceSeen seen = co_await observe_service(access_, plan_.ns, plan_.service,
                                                {.events = true, .everything = true});
    if (!seen.owner) throw Failure(Failure::Kind::invalid, "the RayService was deleted meanwhile");
    for (const Observed& cluster : seen.clusters) co_await label_pods(access_, cluster);
    ServiceKeeper::Turn done = co_await keeper_->look(seen, [] { return true; });
    co_return as_stored(done.decision.conditions);
  }

  template <class Look>
  awaitable<bool> until_it_serves(Look look) {
    std::string last;
    bool connected = true;
    for (;;) {
      std::string why, away;
      Outcome outcome = Outcome::goes_on;
      try {
        const StoredStatus status = co_await look();
        outcome = outcome_of(status, why);
      } catch (const Failure& failure) {
        if (!failure.passes()) throw;
        away = failure.what();
      }
      if (!away.empty() && std::exchange(connected, false))
        report_(Note{fmt::format("{}; trying again", away)});
      if (away.empty()) connected = true;
      if (!why.empty() && why != last) report_(Note{why});
      if (!why.empty()) last = why;
      if (outcome != Outcome::goes_on) co_return outcome == Outcome::serves;
      if (options_.until.passed(access_.clock)) {
        report_(Note{
            fmt::format("it does not serve yet; raykeep status {} says how it is", plan_.service)});
        co_return false;
      }
      co_await pause(std::min<Duration>(between_turns, options_.until.left(access_.clock)));
    }
  }

  const Access& access_;
  const plan::ServicePlan& plan_;
  const UpOptions options_;
  const Report& report_;
  ServiceKeeper* keeper_ = nullptr;
};

}  // namespace

awaitable<bool> up_service(const Access& access, plan::ServicePlan plan, UpOptions options,
                           Report report) {
  std::optional<std::string> controller;
  if (!options.dry_run) controller = co_await controller_in(access, plan.ns);
  co_await store(access, plan, options.dry_run, report);
  if (options.dry_run) co_return true;
  Waiting waiting(access, plan, options, report);
  if (controller && !options.wait) co_return true;
  bool good = false;
  if (controller) {
    good = co_await waiting.watch(*controller);
  } else {
    good = co_await waiting.drive();
  }
  co_return good;
}

}  // namespace raykeep::control
