#include "control/keeper.h"

#include <algorithm>

#include <fmt/format.h>

#include "control/carrying.h"
#include "control/decide/decide.h"
#include "control/facts.h"
#include "control/fields.h"
#include "control/inventory.h"
#include "control/persisted.h"
#include "control/status_report.h"
#include "control/understanding.h"
#include "plan/names.h"

namespace raykeep::control {
namespace {

using namespace std::chrono_literals;

constexpr Duration for_store = 4s;
// How often Redis is asked: while the head answers, while it does and Redis knows no head of ours
// yet, and while it does not.
constexpr Duration store_in_good_times = 30s;
constexpr Duration store_unknown = 5s;
constexpr Duration store_in_doubt = 1s;
constexpr Duration after_action = 1s;

std::optional<doc::Value> gcs_claim(const Observed& observed) {
  const doc::Value* claim =
      observed.find("PersistentVolumeClaim", plan::gcs_claim_name(observed.cluster));
  return claim == nullptr ? std::nullopt : std::optional(*claim);
}

Duration pause_in_good_times(const Keeping& keeping) {
  return keeping.lease.epoch_known ? store_in_good_times : store_unknown;
}

/// The live object that an event is about; the owner's where it is not there any more.
const doc::Value* object_of(const decide::Event& event, const Observed& observed) {
  for (const auto* objects : {&observed.objects, &observed.pods}) {
    auto found = std::ranges::find(*objects, event.object, label_for_people);
    if (found != objects->end()) return &*found;
  }
  return observed.owner();
}

}  // namespace

Keeper::Keeper(boost::asio::any_io_executor executor, const Access& access,
               const NamespaceView& view, const kube::Lease& lease, KeeperOptions options,
               const ControllerLog& log)
    : access_(access),
      view_(view),
      lease_(lease),
      options_(std::move(options)),
      log_(log),
      store_(access, options_.ns, options_.secrets_folder),
      cleanings_(executor) {}

awaitable<void> Keeper::close() {
  cleanings_.cancel();
  co_await cleanings_.finish();
}

std::shared_ptr<Keeping> Keeper::keeping_of(const std::string& cluster) {
  auto& keeping = keepings_[cluster];
  if (!keeping) keeping = std::make_shared<Keeping>();
  return keeping;
}

/// Nothing that a leader sends may take longer than it leads: another one acts then.
Access Keeper::bounded() const {
  const Duration left = std::max<Duration>(lease_.ours_until() - now(), 0s);
  return {access_.client, access_.clock, std::min(access_.request_timeout, left)};
}

/// Redis is asked rarely while the head answers, and each second when it does not.
awaitable<void> Keeper::ask_store(Observed observed, std::shared_ptr<Keeping> keeping) {
  std::optional<RoadTarget> target = store_of(observed);
  const doc::Value* head = head_pod(observed);
  if (!target || head == nullptr) co_return;
  const bool answers = keeping->answer == decide::Answer::answers && !is_going(*head);
  const Duration pause = answers ? pause_in_good_times(*keeping) : store_in_doubt;
  if (keeping->store_asked && now() - *keeping->store_asked < pause) co_return;
  keeping->store_asked = now();
  keeping->lease = co_await store_.ask(std::move(*target), for_store);
}

decide::Observed Keeper::facts(const Observed& observed, const std::vector<doc::Value>& notes,
                               const plan::Plan* plan, Keeping& keeping) const {
  using Stands = decide::Object::Stands;
  Sightings sightings{.lease = keeping.lease,
                      .apply_problem = keeping.apply_problem,
                      .normalised = keeping.normalised,
                      .gcs_claim = gcs_claim(observed),
                      .notes = note_facts(notes, observed, keeping.note_problems),
                      .certificates = {}};
  if (options_.certificates) sightings.certificates = options_.certificates();
  const doc::Value* head = head_pod(observed);
  if (head != nullptr && keeping.asked_uid == uid_of(*head)) sightings.answer = keeping.answer;
  decide::Observed made = facts_of(observed, plan, sightings);
  // What could not be applied and is as planned now, or planned no more, is no trouble any more.
  const bool stands_out = std::ranges::any_of(made.objects, [&](const decide::Object& each) {
    return each.name == keeping.apply_target &&
           (each.stands == Stands::absent || each.stands == Stands::differs);
  });
  if (!stands_out) {
    keeping.apply_problem.clear();
    made.apply_problem.clear();
  }
  const doc::Value* owner = observed.owner();
  if (owner != nullptr && is_being_removed(*owner)) made.owner = decide::Owner::going;
  decide::remember(keeping.memory, made, now(), options_.limits);
  return made;
}

awaitable<Keeper::Turn> Keeper::look(std::string cluster) {
  std::shared_ptr<Keeping> keeping = keeping_of(cluster);
  co_await ask_store(view_.cluster(cluster), keeping);
  if (keeping_of(cluster) != keeping)  // leadership came or went meanwhile
    co_return Turn{.good = true, .look_again = after_action};
  const Observed observed = view_.cluster(cluster);
  const std::vector<doc::Value> notes = view_.notes(cluster);
  const doc::Value* owner = observed.owner();
  if (owner == nullptr && notes.empty()) {  // gone, or static mode: nobody's document
    keepings_.erase(cluster);
    co_return Turn{};
  }
  Understanding understanding;
  if (owner != nullptr && !is_being_removed(*owner))
    understanding = understand(observed, options_.policy);
  const plan::Plan* plan = understanding.plan ? &*understanding.plan : nullptr;

  decide::Observed seen = facts(observed, notes, plan, *keeping);
  decide::Decision decision = decide::decide(seen, understanding.desired, now(), options_.limits);
  tell(cluster, *keeping, decision.conditions);

  Turn turn{.good = true, .look_again = decision.look_again};
  if (keeping->store_asked) {  // in good times, too: what is known of it must not be old
    const Duration pause = pause_in_good_times(*keeping);
    turn.look_again = std::min(turn.look_again.value_or(pause), pause);
  }
  for (const decide::Action& action : decision.actions) {
    if (!acts()) co_return turn;
    turn.good = co_await carry(observed, keeping, action, plan);
    // A wish to the scheduler that cannot be written must not hold a fail-over up.
    if (!turn.good && action.verb != decide::Action::Verb::avoid_node) break;
  }
  // What was done shows in what is seen, mostly; what changed nothing tells nobody.
  const bool did = std::ranges::any_of(decision.actions, [](const decide::Action& action) {
    return action.verb != decide::Action::Verb::clean_keys;
  });
  if (did) turn.look_again = std::min(turn.look_again.value_or(after_action), after_action);
  if (acts()) co_await write_down(observed, *keeping, decision);
  co_return turn;
}

awaitable<bool> Keeper::carry(const Observed& observed, std::shared_ptr<Keeping> keeping,
                              decide::Action action, const plan::Plan* plan) {
  const std::string verb(decide::to_string(action.verb));
  const Access access = bounded();
  std::string problem;
  try {
    if (action.verb == decide::Action::Verb::clean_keys) {
      if (!keeping->cleaning.insert(action.target).second) co_return true;
      cleanings_.spawn(clean(this, observed.cluster, keeping, action.target));
    } else {
      co_await carry_out({.access = access,
                          .observed = observed,
                          .plan = plan,
                          .limits = options_.limits,
                          .normalised = keeping->normalised},
                         action);
    }
  } catch (const Failure& failure) {
    if (failure.kind() == Failure::Kind::cancelled) throw;
    problem = failure.what();
  }
  if (problem.empty()) decide::remember_done(keeping->memory, action, now());
  ++actions_[verb];
  if (action.verb == decide::Action::Verb::apply) {
    keeping->apply_problem = problem;
    keeping->apply_target = action.target;
  }
  doc::Object fields{
      {"cluster", observed.cluster}, {"target", action.target}, {"reason", action.reason}};
  if (!problem.empty()) fields["error"] = problem;
  log_(!problem.empty(), verb, std::move(fields));
  co_return problem.empty();
}

/// Beside the turns: a head must not wait for a Redis that hangs.
awaitable<void> Keeper::clean(Keeper* self, std::string cluster, std::shared_ptr<Keeping> keeping,
                              std::string note) {
  std::string problem = co_await clean_keys(self->access_, self->store_, self->options_.ns, note);
  keeping->cleaning.erase(note);
  keeping->note_problems[note] = problem;
  doc::Object fields{{"cluster", cluster}, {"target", note}};
  if (!problem.empty()) fields["error"] = problem;
  self->log_(!problem.empty(), problem.empty() ? "cleaned" : "not_cleaned", std::move(fields));
}

/// The conditions, when they changed.
void Keeper::tell(const std::string& cluster, Keeping& keeping,
                  const std::vector<decide::Condition>& conditions) const {
  auto outline = [](const std::vector<decide::Condition>& all) {
    std::string out;
    for (const decide::Condition& each : all)
      out += fmt::format("{}={} {}\n", each.type, decide::to_string(each.status), each.reason);
    return out;
  };
  const bool is_news = outline(conditions) != outline(keeping.conditions);
  keeping.conditions = conditions;
  if (!is_news) return;
  doc::Object fields{{"cluster", cluster}};
  for (const decide::Condition& each : conditions)
    fields[each.type] =
        fmt::format("{} {}: {}", decide::to_string(each.status), each.reason, each.message);
  log_(false, "conditions", std::move(fields));
}

/// Status and events are for people: not being able to write them stops nothing.
awaitable<void> Keeper::write_down(const Observed& observed, Keeping& keeping,
                                   const decide::Decision& decision) {
  try {
    co_await write_status(observed, decision.conditions);
    for (const decide::Event& event : decide::news(keeping.memory, decision.events)) {
      log_(event.warning, "event",
           {{"cluster", observed.cluster}, {"reason", event.reason}, {"message", event.message}});
      const doc::Value* object = object_of(event, observed);
      if (object != nullptr)
        co_await access_.client.create(event_object(event, *object, options_.identity, observed.at),
                                       bounded().request());
    }
  } catch (const Failure& failure) {
    if (failure.kind() == Failure::Kind::cancelled) throw;
    log_(true, "not_written_down", {{"cluster", observed.cluster}, {"error", failure.what()}});
  }
}

awaitable<void> Keeper::write_status(const Observed& observed,
                                     const std::vector<decide::Condition>& conditions) {
  const doc::Value* owner = observed.owner();
  if (owner == nullptr || is_going(*owner)) co_return;
  std::string before(doc::find_string(*owner, {"data", status_key}));
  std::string after = status_text(conditions, stored_fingerprint(*owner), before, observed.at);
  if (before == after) co_return;
  doc::Object patch{{"data", doc::Object{{status_key, after}}}};
  co_await access_.client.merge_patch(kube::ref_of(*owner), std::move(patch), bounded().request());
}

}  // namespace raykeep::control
