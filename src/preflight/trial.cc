#include "preflight/trial.h"

#include <algorithm>
#include <exception>
#include <functional>
#include <memory>
#include <utility>

#include <boost/asio/this_coro.hpp>

#include <fmt/format.h>

#include "control/fields.h"
#include "control/inventory.h"
#include "preflight/asking.h"
#include "preflight/goals.h"
#include "preflight/judge.h"
#include "preflight/limit_range.h"
#include "preflight/probe_guest.h"
#include "preflight/trial_pods.h"
#include "preflight/workload.h"
#include "verify/short_lived.h"

namespace raykeep::preflight {
namespace {

using control::Diagnosis;
using control::list_at;

// What is left of the run when pods are no longer waited for, so that those that stand are asked;
// and when late ones are no longer asked.
constexpr Duration time_for_answers = std::chrono::seconds(7);
constexpr Duration time_for_late_answers = std::chrono::seconds(3);
constexpr Duration patience_with_answer = std::chrono::seconds(8);
constexpr auto between_looks = std::chrono::milliseconds(250);
constexpr int most_pods_of_a_group = 4;
constexpr std::size_t most_images = 8;

Diagnosis trouble_of(const Failure& failure) {
  Diagnosis made;
  made.reason = "Refused";
  made.what = "its pod could not be made";
  made.why = failure.what();
  made.hopeless = true;
  return made;
}

bool selects(const doc::Value& policy, const doc::Object& labels) {
  const doc::Object* wanted = doc::find_object(policy, {"spec", "podSelector", "matchLabels"});
  if (wanted == nullptr) return false;
  return std::ranges::all_of(*wanted, [&](const auto& member) {
    const doc::Value* has = labels.if_contains(member.key());
    return has != nullptr && *has == member.value();
  });
}

doc::Object object_in(const doc::Value& value, std::initializer_list<std::string_view> path) {
  const doc::Object* found = doc::find_object(value, path);
  return found == nullptr ? doc::Object() : *found;
}

class Trial {
 public:
  Trial(const Access& access, const Wanted& wanted, const Survey& survey, Deadline until)
      : access_(access),
        wanted_(wanted),
        survey_(survey),
        until_(until),
        guests_(access, wanted.ns),
        maker_{wanted.site, survey, modest_resources(items_of(survey.limit_ranges))} {}

  awaitable<void> run() {
    plan_aliases();
    co_await add_probes();
    co_await add_images();
    co_await add_claims();
    const Deadline started{until_.at - time_for_answers};
    const Deadline late{until_.at - time_for_late_answers};
    for (;;) {
      co_await look();
      if (probes_stand() || started.passed(access_.clock)) break;
      co_await control::pause(between_looks);
    }
    // Later than the rest: to be placed takes a moment, and to be started keeps the nodes busy.
    co_await add_sizes();
    co_await ask_probes();
    for (;;) {
      co_await look();
      if (!late.passed(access_.clock)) co_await ask_probes();
      if (all_decided() || until_.passed(access_.clock)) break;
      co_await control::pause(between_looks);
    }
  }

  /// What is left, if anything.
  awaitable<std::vector<std::string>> remove() {
    for (const std::string& claim : claim_names_) {
      try {
        co_await access_.client.remove({control::kinds::volume_claim, wanted_.ns, claim}, {},
                                       access_.request());
      } catch (const Failure&) {
        // Owned by a Job that goes with the guests: the garbage collector removes it.
      }
    }
    std::vector<std::string> left = co_await guests_.remove();
    co_return left;
  }

  Obstacles judged() const {
    Obstacles out;
    auto append = [&](Obstacles some) { out.insert(out.end(), some.begin(), some.end()); };
    for (const ImageTrial& each : images_) append(judge_image(each, wanted_.ns));
    for (const SizeTrial& each : sizes_) append(judge_size(each));
    for (const ClaimTrial& each : claims_) append(judge_claim(each, wanted_.ns));
    for (const Reach& each : reaches_) append(judge_reach(trial_of(each), wanted_.ns));
    for (const plan::Plan& plan : wanted_.plans) {
      for (const std::string& entry : entries_without_address(plan.flows)) {
        out.push_back({code::egress, Weight::notice, Who::you, "egress " + entry,
                       "it was not tried: it names pods, networks or UDP, not one address", "",
                       ""});
      }
    }
    return out;
  }

 private:
  struct Reach {
    ReachTrial trial;
    std::shared_ptr<ProbeGuest> guest;
  };

  /// The same documents under names of their own: the same policies and labels, and nobody's pods.
  void plan_aliases() {
    for (std::size_t i = 0; i < wanted_.clusters.size(); ++i) {
      spec::RayCluster cluster = wanted_.clusters[i];
      cluster.name = fmt::format("pf-{}-{}", guests_.run(), i);
      plan::PlanOptions options;
      options.ns = wanted_.ns;
      aliases_.push_back(plan::plan(cluster, wanted_.site, options));
    }
  }

  /// Adds a guest; a refusal is told as its trouble.
  awaitable<std::optional<Diagnosis>> add(verify::Guest guest) {
    std::optional<Diagnosis> trouble;
    try {
      co_await guests_.add(std::move(guest));
    } catch (const Failure& failure) {
      if (failure.kind() == Failure::Kind::cancelled) throw;
      trouble = trouble_of(failure);
    }
    co_return trouble;
  }

  awaitable<void> add_probe(std::size_t cluster, const Workload& workload, flow::Role role,
                            std::string role_text) {
    Reach reach;
    reach.trial.role = std::move(role_text);
    reach.trial.goals =
        goals_of(wanted_.plans[cluster].flows, wanted_.plans[cluster].storage, role);
    reach.guest = std::make_shared<ProbeGuest>();
    reach.guest->guest = fmt::format("guarded-{}", reaches_.size());
    for (const Goal& goal : reach.trial.goals) {
      reach.guest->targets.push_back(goal.target);
      if (std::ranges::find(open_->targets, goal.target) == open_->targets.end())
        open_->targets.push_back(goal.target);
    }
    verify::Guest guest{.name = reach.guest->guest};
    guest.labels = object_in(*workload.pod_template, {"metadata", "labels"});
    guest.annotations = object_in(*workload.pod_template, {"metadata", "annotations"});
    guest.pod_spec = probing_pod(maker_);
    for (const doc::Value& object : aliases_[cluster].objects) {
      if (control::kind_of(object) == "NetworkPolicy" && selects(object, guest.labels))
        guest.policies.push_back(object_in(object, {"spec"}));
    }
    reaches_.push_back(reach);
    std::optional<Diagnosis> trouble = co_await add(std::move(guest));
    reach.guest->trouble = trouble;
  }

  awaitable<void> add_probes() {
    open_ = std::make_shared<ProbeGuest>();
    open_->guest = "open";
    for (std::size_t i = 0; i < aliases_.size(); ++i) {
      bool has_workers = false;
      for (const Workload& workload : workloads_of(aliases_[i])) {
        std::string_view type = doc::find_string(*workload.pod_template,
                                                 {"metadata", "labels", plan::ray_node_type_label});
        std::string group(doc::find_string(*workload.pod_template,
                                           {"metadata", "labels", plan::ray_group_label}));
        if (type == "head")
          co_await add_probe(i, workload, flow::Role::head, "head");
        else if (type == "worker" && !std::exchange(has_workers, true))
          // What leaves the cluster is the same for all groups.
          co_await add_probe(i, workload, flow::Role::worker, "workers of group " + group);
      }
    }
    verify::Guest guest{.name = open_->guest};
    guest.pod_spec = probing_pod(maker_);
    guest.policies.push_back(verify::open_policy(guests_.run(), guest.name, false, true));
    std::optional<Diagnosis> trouble = co_await add(std::move(guest));
    open_->trouble = trouble;
  }

  awaitable<void> add_images() {
    for (const plan::Plan& plan : wanted_.plans) {
      for (const Workload& workload : workloads_of(plan)) {
        for (const doc::Value* container : containers_of(workload.spec())) {
          std::string image(doc::find_string(*container, {"image"}));
          bool known = std::ranges::any_of(
              images_, [&](const ImageTrial& other) { return other.image == image; });
          if (image.empty() || known) continue;
          ImageTrial trial{.image = image, .users = workload.label};
          trial.pull_secret = !list_at(workload.spec(), {"imagePullSecrets"}).empty();
          verify::Guest guest{.name = fmt::format("image-{}", images_.size())};
          guest.pod_spec = image_pod(maker_, workload.spec(), *container);
          images_.push_back(std::move(trial));
          if (images_.size() > most_images) {
            images_.back().trouble.emplace().what = "so many images are not tried in one run";
            continue;
          }
          std::optional<Diagnosis> trouble = co_await add(std::move(guest));
          images_.back().trouble = trouble;
        }
      }
    }
  }

  awaitable<void> add_sizes() {
    const bool beside_own = !own_pods(survey_).empty();
    for (std::size_t i = 0; i < aliases_.size(); ++i) {
      std::vector<Workload> real = workloads_of(wanted_.plans[i]);
      std::vector<Workload> alias = workloads_of(aliases_[i]);
      for (std::size_t j = 0; j < alias.size(); ++j) {
        if (alias[j].replicas < 1) continue;
        SizeTrial trial{.workload = real[j].label, .wanted = real[j].replicas};
        trial.beside_own = beside_own;
        trial.tried =
            static_cast<int>(std::min<std::int64_t>(real[j].replicas, most_pods_of_a_group));
        verify::Guest guest{.name = fmt::format("size-{}", sizes_.size()), .pods = trial.tried};
        guest.labels = object_in(*alias[j].pod_template, {"metadata", "labels"});
        guest.pod_spec = size_pod(maker_, alias[j]);
        sizes_.push_back(std::move(trial));
        std::optional<Diagnosis> trouble = co_await add(std::move(guest));
        sizes_.back().trouble = trouble;
      }
    }
  }

  bool class_was_read(const std::string& name) const {
    for (const PlanSurvey& plan : survey_.plans) {
      for (std::size_t i = 0; i < plan.references.size(); ++i) {
        if (plan.references[i].kind == Reference::Kind::storage_class &&
            plan.references[i].name == name)
          return plan.referred[i].has_value();
      }
    }
    return false;
  }

  awaitable<void> add_claims() {
    std::vector<const doc::Value*> planned;
    for (std::size_t i = 0; i < survey_.plans.size(); ++i) {
      const PlanSurvey& plan = survey_.plans[i];
      for (std::size_t j = 0; j < plan.plan->objects.size(); ++j) {
        const doc::Value& object = plan.plan->objects[j];
        if (control::kind_of(object) == "PersistentVolumeClaim" && plan.live[j].absent() &&
            !class_was_read(std::string(doc::find_string(object, {"spec", "storageClassName"}))))
          planned.push_back(&object);
      }
    }
    if (planned.empty()) co_return;
    std::optional<doc::Value> job = co_await access_.client.find(
        {{"batch/v1", "Job"}, wanted_.ns, fmt::format("raykeep-{}-open", guests_.run())},
        access_.request());
    for (const doc::Value* object : planned) {
      claims_.push_back({control::label_for_people(*object),
                         std::string(doc::find_string(*object, {"spec", "storageClassName"}))});
      claim_names_.push_back(fmt::format("raykeep-{}-claim-{}", guests_.run(), claims_.size()));
      if (!job) continue;
      try {
        co_await access_.client.create(
            unbindable_claim(claim_names_.back(), guests_.run(), *object, *job), access_.request());
      } catch (const Failure& failure) {
        if (failure.kind() == Failure::Kind::cancelled) throw;
      }
    }
  }

  awaitable<void> look() {
    std::vector<verify::GuestPod> pods = co_await guests_.look();
    for (SizeTrial& each : sizes_) each.placed = 0;
    for (const verify::GuestPod& pod : pods) note(pod);
    if (!claims_.empty()) co_await look_at_claims();
  }

  void note(const verify::GuestPod& pod) {
    auto number = [&] { return std::stoul(pod.guest.substr(pod.guest.rfind('-') + 1)); };
    if (pod.guest.starts_with("image-")) {
      ImageTrial& trial = images_.at(number());
      trial.there |= has_image(pod.object);
      // The reason of the first failure is better than "Back-off".
      if (pod.trouble && !(trial.trouble && trial.trouble->reason == "ImagePull" &&
                           !trial.trouble->why.starts_with("Back-off")))
        trial.trouble = pod.trouble;
    } else if (pod.guest.starts_with("size-")) {
      SizeTrial& trial = sizes_.at(number());
      if (!pod.node.empty()) ++trial.placed;
      if (pod.node.empty() && pod.trouble) trial.trouble = pod.trouble;
    } else {
      note_probe(pod);
    }
  }

  void note_probe(const verify::GuestPod& pod) {
    auto take = [&](ProbeGuest& guest) {
      if (guest.guest != pod.guest || guest.asked) return;
      guest.pod = pod;
      guest.trouble = pod.trouble;
    };
    take(*open_);
    for (Reach& reach : reaches_) take(*reach.guest);
  }

  awaitable<void> look_at_claims() {
    for (std::size_t i = 0; i < claims_.size(); ++i) {
      if (!claims_[i].message.empty()) continue;
      kube::List events = co_await access_.client.list(
          control::kinds::event, wanted_.ns, {.fields = "involvedObject.name=" + claim_names_[i]},
          access_.request());
      for (const doc::Value& event : events.items) {
        claims_[i].message = doc::find_string(event, {"message"});
        claims_[i].reason = doc::find_string(event, {"reason"});
      }
    }
  }

  bool probes_stand() const {
    return stands(*open_) &&
           std::ranges::all_of(reaches_, [](const Reach& each) { return stands(*each.guest); });
  }

  awaitable<void> ask_probes() {
    std::vector<std::shared_ptr<ProbeGuest>> guests = {open_};
    for (const Reach& reach : reaches_) guests.push_back(reach.guest);
    const Deadline until = Deadline::after(access_.clock, patience_with_answer);
    std::vector<std::function<awaitable<void>()>> work;
    for (const auto& guest : guests) {
      if (!guest->pod.running || guest->asked) continue;
      guest->asked = true;
      guest->trouble.reset();
      work.push_back([access = &access_, ns = wanted_.ns, guest, until] {
        return ask_guest(access, ns, guest, until);
      });
    }
    co_await run_all(std::move(work));
  }

  bool all_decided() const {
    return probes_stand() &&
           std::ranges::all_of(
               images_,
               [](const ImageTrial& each) {
                 return each.there || (each.trouble && (each.trouble->hopeless ||
                                                        each.trouble->reason == "ImagePull" ||
                                                        each.trouble->reason == "ImageNeverPull"));
               }) &&
           std::ranges::all_of(
               sizes_,
               [](const SizeTrial& each) { return each.placed >= each.tried || each.trouble; }) &&
           std::ranges::all_of(claims_,
                               [](const ClaimTrial& each) { return !each.message.empty(); });
  }

  ReachTrial trial_of(const Reach& reach) const {
    ReachTrial trial = reach.trial;
    trial.guarded = reach.guest->answer;
    trial.open = open_->answer;
    trial.trouble = reach.guest->trouble;
    return trial;
  }

  const Access& access_;
  const Wanted& wanted_;
  const Survey& survey_;
  Deadline until_;
  verify::ShortLived guests_;
  PodMaker maker_;
  std::vector<plan::Plan> aliases_;
  std::shared_ptr<ProbeGuest> open_;
  std::vector<Reach> reaches_;
  std::vector<ImageTrial> images_;
  std::vector<SizeTrial> sizes_;
  std::vector<ClaimTrial> claims_;
  std::vector<std::string> claim_names_;
};

}  // namespace

awaitable<Obstacles> try_with_pods(const Access& access, const Wanted& wanted, const Survey& survey,
                                   Deadline until) {
  Trial trial(access, wanted, survey, until);
  std::exception_ptr problem;
  try {
    co_await trial.run();
  } catch (...) {
    problem = std::current_exception();
  }
  // A coroutine that was cancelled begins nothing more unless it says so.
  co_await boost::asio::this_coro::reset_cancellation_state();
  co_await boost::asio::this_coro::throw_if_cancelled(false);
  std::vector<std::string> left = co_await trial.remove();
  if (problem) std::rethrow_exception(problem);
  Obstacles out = trial.judged();
  if (!left.empty()) {
    out.push_back({code::no_probe, Weight::may_block, Who::you, "what preflight made",
                   "it is not gone yet; Kubernetes removes it within four minutes",
                   fmt::format("{}", left.front()),
                   fmt::format("kubectl delete job,networkpolicy -n {} -l {}", wanted.ns,
                               verify::short_lived_label)});
  }
  co_return out;
}

}  // namespace raykeep::preflight
