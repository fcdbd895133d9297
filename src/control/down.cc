#include "control/down.h"

#include <algorithm>
#include <functional>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "control/fields.h"
#include "control/inventory.h"
#include "control/persisted.h"
#include "control/presence.h"
#include "control/secrets.h"
#include "control/store.h"
#include "control/understanding.h"
#include "plan/names.h"

namespace raykeep::control {
namespace {

// The controller looks when the head's pod is gone, and a clean-up takes a moment.
constexpr Duration for_cleaning = std::chrono::seconds(15);

/// The objects of one step of the removal.
std::vector<const doc::Value*> step(const Observed& observed, int number) {
  std::vector<const doc::Value*> out;
  auto take = [&out](const std::vector<doc::Value>& objects, auto wanted) {
    for (const doc::Value& object : objects) {
      if (wanted(object)) out.push_back(&object);
    }
  };
  auto is_policy = [](const doc::Value& object) { return kind_of(object) == "NetworkPolicy"; };
  auto is_owner = [&](const doc::Value& object) { return &object == observed.owner(); };
  auto is_redis = [](const doc::Value& object) {
    return label_of(object, plan::ray_node_type_label) == "redis";
  };
  auto every = [](const doc::Value&) { return true; };
  // Redis after the head, which gives its lease back as it ends.
  for (bool redis : {false, true}) {
    if (number == (redis ? 3 : 0))
      take(observed.objects, [&](const doc::Value& object) {
        return is_workload(object) && is_redis(object) == redis;
      });
    if (number == (redis ? 4 : 2))
      take(observed.pods, [&](const doc::Value& pod) { return is_redis(pod) == redis; });
  }
  if (number == 1) take(observed.replica_sets, every);
  if (number == 5)
    take(observed.objects, [&](const doc::Value& object) {
      return !is_workload(object) && !is_policy(object) && !is_owner(object);
    });
  if (number == 6) take(observed.objects, is_policy);
  if (number == 7) take(observed.objects, is_owner);
  return out;
}
constexpr int steps = 8;

kube::DeleteOptions how_to_delete(const doc::Value& object) {
  // Foreground: the controller stays visible until its pods are gone. The uid: never its successor
  // of the same name.
  return {.propagation = is_workload(object) ? "Foreground" : "Background",
          .uid = std::string(uid_of(object)),
          .resource_version = ""};
}

const doc::Value* by_ref(const Observed& observed, const kube::Ref& ref) {
  for (const auto* objects : {&observed.objects, &observed.replica_sets, &observed.pods}) {
    for (const doc::Value& object : *objects) {
      if (kind_of(object) == ref.kind.kind && name_of(object) == ref.name) return &object;
    }
  }
  return nullptr;
}

/// Everything of the cluster that goes with it, and its Secrets, which are not found by listing.
awaitable<Observed> look(const Access& access, std::string ns, std::string cluster) {
  Observed observed = co_await observe(access, ns, cluster, {.events = false, .everything = true});
  std::erase_if(observed.objects, outlives_cluster);
  for (const std::string& name : secret_names(cluster)) {
    kube::Ref ref{kinds::secret, ns, name};
    std::optional<doc::Value> secret = co_await access.client.find(ref, access.request());
    if (secret && is_ours(*secret, cluster)) observed.objects.push_back(std::move(*secret));
  }
  co_return observed;
}

std::vector<std::string> names_of_all(const Observed& observed) {
  std::vector<std::string> names;
  for (const auto* objects : {&observed.pods, &observed.objects}) {
    for (const doc::Value& object : *objects) names.push_back(label_for_people(object));
  }
  return names;
}

/// What is left and what holds it, for the last words of a `down` that ran out of time.
std::string left_over(const Observed& observed) {
  std::vector<std::string> parts;
  for (const auto* objects : {&observed.pods, &observed.objects}) {
    for (const doc::Value& object : *objects) {
      std::vector<std::string> finalizers;
      for (const doc::Value& each : list_at(object, {"metadata", "finalizers"})) {
        if (each.is_string()) finalizers.emplace_back(each.get_string());
      }
      parts.push_back(
          label_for_people(object) +
          (finalizers.empty() ? "" : fmt::format(" (held by {})", join(finalizers, ", "))));
    }
  }
  return join(parts, ", ");
}

StillThere still_there(const Observed& observed, std::chrono::seconds waited) {
  StillThere still{{}, {}, waited};
  for (const doc::Value& pod : observed.pods) still.objects.push_back(label_for_people(pod));
  for (int number = 0; number < steps && still.objects.empty(); ++number) {
    for (const doc::Value* object : step(observed, number))
      still.objects.push_back(label_for_people(*object));
  }
  for (Diagnosis& diagnosis : diagnose(observed)) {
    if (diagnosis.reason == "Finalizer" || diagnosis.reason == "NodeLost")
      still.troubles.push_back(std::move(diagnosis));
  }
  return still;
}

void report_gone(const std::set<std::string>& before, const Observed& now, const Report& report) {
  std::vector<std::string> names = names_of_all(now);
  for (const std::string& name : before) {
    if (!std::ranges::count(names, name)) report(Done{Done::What::removed, name, false});
  }
}

void report_dry(const Observed& observed, const Report& report) {
  for (int number : {0, 3, 5, 6, 7}) {
    for (const doc::Value* object : step(observed, number))
      report(Done{Done::What::removed, label_for_people(*object), true});
  }
}

/// From here on the controller makes nothing of the cluster anew. Said on the owner, not by
/// deleting it: an interrupted `down` must be seen, and go on.
awaitable<void> stop_controller(const Access& access, const Observed& observed) {
  const doc::Value* owner = observed.owner();
  if (owner == nullptr || is_being_removed(*owner)) co_return;
  doc::Object patch{
      {"metadata", doc::Object{{"annotations", doc::Object{{removing_annotation, "true"}}}}}};
  co_await access.client.merge_patch(kube::ref_of(*owner), std::move(patch), access.request());
}

/// What the controller wrote down to clean, should the cluster go.
awaitable<bool> has_note(const Access& access, const Observed& observed) {
  kube::Selector notes{.labels = fmt::format("{}={}", cleanup_label, observed.cluster)};
  kube::List found =
      co_await access.client.list(kinds::config_map, observed.ns, notes, access.request());
  co_return !found.items.empty();
}

/// What stays in a Redis that is not the cluster's own, and who removes it. True: the controller.
awaitable<bool> tell_of_keys(const Access& access, const Observed& observed, const Report& report) {
  auto target = store_of(observed);
  bool own = observed.find("StatefulSet", plan::redis_name(observed.cluster)) != nullptr;
  if (!target || own) co_return false;
  std::optional<std::string> controller = co_await controller_in(access, observed.ns);
  bool noted = co_await has_note(access, observed);
  const std::string keys = fmt::format("what begins with RAY{}@", target->storage_namespace);
  if (controller && noted) {
    report(Note{fmt::format("the controller removes the cluster's keys from Redis: {}", keys)});
  } else {
    report(Note{
        fmt::format("{}, so the cluster's keys stay in Redis: its administrator can remove {}{}",
                    controller ? "the controller has not looked at this cluster yet"
                               : "no controller runs here",
                    keys, noted ? "; a controller that is started here will" : "")});
  }
  co_return controller&& noted;
}

/// Pods and workloads are gone, and what Redis is asked with is not.
bool only_leftovers(const Observed& observed) {
  for (int number = 0; number < 5; ++number) {
    if (!step(observed, number).empty()) return false;
  }
  return observed.owner() != nullptr;
}

}  // namespace

std::vector<kube::Ref> next_to_remove(const Observed& observed) {
  for (int number = 0; number < steps; ++number) {
    std::vector<const doc::Value*> objects = step(observed, number);
    if (objects.empty()) continue;
    std::vector<kube::Ref> out;
    for (const doc::Value* object : objects) {
      if (!is_going(*object)) out.push_back(kube::ref_of(*object));
    }
    return out;  // perhaps empty: they are going, and the next step waits for them
  }
  return {};
}

namespace {

/// The removal of one cluster, turn by turn: look, remove what is next, wait.
class Removal {
 public:
  Removal(const Access& access, std::string ns, std::string cluster, const DownOptions& options,
          const Report& report)
      : access_(access),
        ns_(std::move(ns)),
        cluster_(std::move(cluster)),
        options_(options),
        report_(report) {}

  /// An API server that goes away for a while is waited for, once it has answered.
  awaitable<DownOutcome> run() {
    bool connected = false;
    for (;;) {
      std::optional<Failure> away;
      try {
        std::optional<DownOutcome> outcome = co_await turn();
        if (outcome) co_return *outcome;
        connected = true;
      } catch (const Failure& failure) {
        if (!failure.passes() || !looked_ || options_.until.passed(access_.clock)) throw;
        away = failure;
      }
      if (away && std::exchange(connected, false))
        report_(Note{fmt::format("{}; trying again", away->what())});
      if (away) co_await pause(std::chrono::seconds(1));
    }
  }

 private:
  /// Nothing: there is more to do.
  awaitable<std::optional<DownOutcome>> turn() {
    Observed observed = co_await look(access_, ns_, cluster_);
    looked_ = true;
    if (options_.dry_run) {
      report_dry(observed, report_);
      co_return observed.empty() ? DownOutcome::nothing_there : DownOutcome::gone;
    }
    co_await stop_controller(access_, observed);
    if (!told_of_keys_) keys_are_cleaned_ = co_await tell_of_keys(access_, observed, report_);
    told_of_keys_ = true;
    report_gone(seen_, observed, report_);
    std::vector<std::string> names = names_of_all(observed);
    if (names.empty()) report_(StillThere{});
    if (names.empty() && observed.replica_sets.empty())
      co_return seen_.empty() ? DownOutcome::nothing_there : DownOutcome::gone;
    seen_ = {names.begin(), names.end()};
    report_(still_there(observed,
                        std::chrono::floor<std::chrono::seconds>(access_.clock.now() - began_)));
    if (options_.until.passed(access_.clock)) {
      report_(Note{fmt::format("still there: {}", left_over(observed))});
      co_return DownOutcome::left_over;
    }
    if (keys_are_cleaned_ && only_leftovers(observed)) {
      // The controller needs the cluster's Secrets for that.
      if (!for_keys_) for_keys_ = Deadline::after(access_.clock, for_cleaning);
      const bool noted = co_await has_note(access_, observed);
      keys_are_cleaned_ = noted && !for_keys_->passed(access_.clock);
      if (keys_are_cleaned_) {
        co_await pause(std::chrono::milliseconds(500));
        co_return std::nullopt;
      }
    }
    std::vector<kube::Ref> next = next_to_remove(observed);
    for (const kube::Ref& ref : next) {
      kube::DeleteOptions how = how_to_delete(*by_ref(observed, ref));
      co_await access_.client.remove(ref, how, access_.request());
    }
    Duration patience =
        next.empty() ? std::chrono::milliseconds(1000) : std::chrono::milliseconds(200);
    co_await pause(std::min(patience, options_.until.left(access_.clock)));
    co_return std::nullopt;
  }

  const Access& access_;
  const std::string ns_, cluster_;
  const DownOptions& options_;
  const Report& report_;
  const Instant began_ = access_.clock.now();
  bool looked_ = false;
  std::set<std::string> seen_ = {};
  bool told_of_keys_ = false, keys_are_cleaned_ = false;
  std::optional<Deadline> for_keys_ = {};
};

}  // namespace

awaitable<DownOutcome> down(const Access& access, std::string ns, std::string cluster,
                            DownOptions options, Report report) {
  Removal removal(access, std::move(ns), std::move(cluster), options, report);
  DownOutcome outcome = co_await removal.run();
  co_return outcome;
}

}  // namespace raykeep::control
