#include "control/decide/head.h"

#include <algorithm>

#include <fmt/format.h>

#include "control/decide/fence.h"

namespace raykeep::decide {
namespace {

using Status = Condition::Status;

/// One look at the head.
class Look {
 public:
  Look(const Observed& observed, const Desired& desired, Time now, const Limits& limits,
       Decision& decision)
      : observed_(observed),
        head_(*observed.head),
        wanted_(observed.owner == Owner::present && !desired.suspended),
        now_(now),
        limits_(limits),
        decision_(decision) {}

  void run() {
    if (head_.says == PodSays::ended) return say(Status::no, "HeadEnded", ended);
    if (observed_.answer == Answer::answers) return answers();
    if (head_.says == PodSays::unplaced)
      return say(Status::no, "HeadUnplaced", "the head's pod waits for a node");
    if (kubelet_is_at_work()) return;
    if (!wanted_ && !head_.going)
      return say(Status::no, "HeadUnwanted", "no head is wanted; Kubernetes is about to end it");
    if (!is_doubted()) return;
    if (lease_outlives_its_holder()) return;
    Obstacle obstacle = obstacle_to_replacing(observed_, head_.uid);
    if (!obstacle.reason.empty()) return hold(obstacle);
    if (lease_is_fresh_free()) return;
    if (head_.going) return force();
    ask();
  }

 private:
  static constexpr const char* ended = "the head's pod has ended; Kubernetes makes another";

  void say(Status status, std::string reason, std::string message) {
    decision_.conditions.push_back({"HeadAnswers", status, std::move(reason), std::move(message)});
  }

  void look_again(Duration after) {
    after = std::max<Duration>(after, std::chrono::milliseconds(100));
    decision_.look_again = decision_.look_again ? std::min(*decision_.look_again, after) : after;
  }

  Duration since(const std::optional<Time>& time) const {
    return time ? now_ - *time : Duration::zero();
  }

  /// Fail-overs that repeat wait longer each time: what did not help is not done in a hurry.
  Duration patient(Duration patience) const {
    for (int i = 0; i < observed_.recent_failovers && patience < limits_.longest_silence; ++i)
      patience *= 2;
    return std::min(patience, std::max(limits_.longest_silence, limits_.slow_silence));
  }

  std::string pod() const { return "Pod " + head_.name; }

  void answers() {
    if (head_.going) return say(Status::yes, "HeadLeaving", "the head answers, and is ending");
    say(Status::yes, "HeadAnswers", "the head answers");
    if (observed_.recent_failovers > 0 && head_.says == PodSays::ready)
      decision_.events.push_back(
          {false, pod(), "HeadBack", fmt::format("a new head serves on node {}", head_.node)});
  }

  /// The kubelet says that it is at work, or the node itself says that nobody listens: it starts
  /// the container again, and nobody else should.
  bool kubelet_is_at_work() {
    if (head_.says == PodSays::node_lost || head_.going) return false;
    if (head_.says == PodSays::starting) {
      say(Status::no, "HeadStarting", "the head's node is starting its containers");
      return true;
    }
    if (observed_.answer == Answer::refused) {
      say(Status::no, "HeadRestarting", "the head's node lives, and is starting the container");
      return true;
    }
    return false;
  }

  /// Has what we see lasted long enough to doubt that the node lives?
  bool is_doubted() {
    if (head_.going) return is_overdue();
    if (head_.says == PodSays::unacknowledged)
      return has_lasted(since(observed_.head_says_since), patient(limits_.unacknowledged),
                        "HeadUnacknowledged", "the head's node has not begun with its pod yet");
    if (observed_.answer == Answer::unasked) {
      say(Status::unknown, "HeadNotAsked", "the head was not asked yet");
      return false;
    }
    if (observed_.fence.storage == Storage::rocksdb && head_.says != PodSays::node_lost) {
      // No lease tells whether it lives: Kubernetes' own word on the node is waited for.
      say(Status::no, "HeadSilent",
          "the head does not answer; Kubernetes has not given up on its node");
      return false;
    }
    const bool kubelet_spoke = head_.says == PodSays::not_ready;
    return has_lasted(since(observed_.silent_since),
                      patient(kubelet_spoke ? limits_.slow_silence : limits_.silence), "HeadSilent",
                      "the head does not answer");
  }

  bool is_overdue() {
    return has_lasted(since(observed_.head_going_since), head_.grace + limits_.overdue,
                      "HeadEnding", "the head's pod is ending; its node has time to confirm");
  }

  bool has_lasted(Duration lasted, Duration patience, const char* reason, const char* message) {
    if (lasted >= patience) return true;
    say(Status::no, reason, message);
    look_again(patience - lasted);
    return false;
  }

  /// Held tells nothing yet: it would be held even if the head were gone.
  bool lease_outlives_its_holder() {
    const Fence& fence = observed_.fence;
    if (fence.lease != Fence::Lease::held || fence.holder != head_.uid || !observed_.silent_since)
      return false;
    return !has_lasted(since(observed_.silent_since), limits_.lease_lasts, "HeadSilent",
                       "the head does not answer, and its lease in Redis has not run out");
  }

  bool lease_is_fresh_free() {
    if (observed_.fence.storage != Storage::redis) return false;
    return !has_lasted(since(observed_.free_since), limits_.lease_free, "HeadSilent",
                       "the head does not answer, and its lease in Redis has just run out");
  }

  void hold(const Obstacle& obstacle) {
    say(Status::no, obstacle.reason, obstacle.message);
    decision_.events.push_back({true, pod(), "HeadNotReplaced", obstacle.message});
  }

  std::string why_safe() const {
    return observed_.fence.storage == Storage::redis
               ? "its lease in Redis has run out, and Redis refuses its writes once another took it"
               : "its volume is detached before another head gets it, which cuts it off";
  }

  void avoid() {
    if (!wanted_ || observed_.avoided_node == head_.node) return;
    decision_.actions.push_back({Action::Verb::avoid_node, head_.node, "",
                                 "the scheduler does not know yet that the node is lost"});
  }

  void ask() {
    const std::string what = head_.says == PodSays::unacknowledged
                                 ? fmt::format("node {} does not begin with the pod", head_.node)
                                 : fmt::format("the head on node {} does not answer", head_.node);
    say(Status::no, "HeadAsked", fmt::format("{}; its node is asked to end it", what));
    avoid();
    decision_.actions.push_back(
        {Action::Verb::ask_to_end, pod(), head_.uid, fmt::format("{}, and {}", what, why_safe())});
    decision_.events.push_back(
        {true, pod(), "HeadLost", fmt::format("{}; its node is asked to end it", what)});
    look_again(limits_.ask_grace + limits_.overdue);
  }

  void force() {
    const std::string what = fmt::format("node {} does not confirm the head's end", head_.node);
    say(Status::no, "HeadForced", fmt::format("{}; its pod object is removed", what));
    avoid();
    decision_.actions.push_back({Action::Verb::force_delete, pod(), head_.uid,
                                 fmt::format("{}, and {}", what, why_safe())});
    decision_.events.push_back(
        {true, pod(), "HeadForceDeleted", fmt::format("{}, and {}", what, why_safe())});
  }

  const Observed& observed_;
  const Pod& head_;
  const bool wanted_;
  const Time now_;
  const Limits& limits_;
  Decision& decision_;
};

}  // namespace

void decide_head(const Observed& observed, const Desired& desired, Time now, const Limits& limits,
                 Decision& decision) {
  if (observed.owner == Owner::absent && !observed.head) return;
  if (observed.head) return Look(observed, desired, now, limits, decision).run();
  decision.conditions.push_back(
      desired.suspended
          ? Condition{"HeadAnswers", Status::no, "Suspended", "no head is wanted"}
          : Condition{"HeadAnswers", Status::no, "HeadMissing", "there is no head pod yet"});
}

}  // namespace raykeep::decide
