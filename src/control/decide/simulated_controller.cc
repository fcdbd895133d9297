// The simulated world as controllers see it, what they do to it, and what befalls it.
#include <algorithm>
#include <string>

#include "control/decide/simulated_world.h"

namespace raykeep::decide::simulated {
namespace {

constexpr const char* names[World::planned] = {"NetworkPolicy demo-head", "StatefulSet demo-head",
                                               "Deployment demo-worker-a"};

Pod seen(const PodObject& pod) {
  return {.name = pod.head ? "demo-head-0" : "w" + std::to_string(pod.uid),
          .uid = "u" + std::to_string(pod.uid),
          .node = pod.node < 0 ? "" : "n" + std::to_string(pod.node),
          .says = pod.says,
          .going = pod.going_since >= 0,
          .grace = seconds(pod.grace)};
}

}  // namespace

Observed World::observe(Random& noise) const {
  Observed made;
  made.owner = owner;
  made.owner_uid = owner == Owner::absent ? "" : "o1";
  if (owner == Owner::present && desired.document == Desired::Document::usable) {
    for (int i = 0; i < planned; ++i)
      made.objects.push_back({.name = names[i], .stands = objects[i], .head = i == 1});
    if (orphan) made.orphans.push_back({.name = "Deployment demo-worker-old"});
    if (claim) made.orphans.push_back({.name = "PersistentVolumeClaim old", .claim = true});
  }
  if (note) made.notes.push_back({.name = "raykeep-cleanup-demo", .owner_uid = "o1"});
  if (avoided >= 0) made.avoided_node = "n" + std::to_string(avoided);
  made.fence = fence();
  made.settled = true;
  for (const PodObject& pod : pods) {
    made.settled &= pod.says == PodSays::ready && pod.going_since < 0;
    if (!pod.head) {
      made.workers.push_back(seen(pod));
      continue;
    }
    made.head = seen(pod);
    if (pod.node < 0 || pod.says == PodSays::unacknowledged) continue;
    const Node& node = nodes[static_cast<std::size_t>(pod.node)];
    auto container = std::ranges::find_if(
        containers, [&](const Container& each) { return each.writer.pod == pod.uid; });
    const bool reached = node.runs(now) && now >= node.off_controller_until;
    if (!reached) {
      made.answer = Answer::silent;
    } else if (container == containers.end()) {
      made.answer = Answer::refused;
    } else {
      made.answer =
          now < container->hung_until || noise.one_in(50) ? Answer::silent : Answer::answers;
    }
  }
  made.settled &= made.head.has_value();
  return made;
}

bool World::carry_out(const Action& action) {
  using Verb = Action::Verb;
  if (!api_up()) return false;
  auto object = std::ranges::find(names, action.target);
  auto pod = std::ranges::find_if(
      pods, [&](const PodObject& each) { return action.uid == "u" + std::to_string(each.uid); });
  switch (action.verb) {
    case Verb::write_note:
      note = true;
      break;
    case Verb::apply:
      if (owner != Owner::present || desired.document != Desired::Document::usable) break;
      if (object == std::end(names))
        broken = "an object that is in no plan was applied";
      else
        objects[object - std::begin(names)] = Object::Stands::same;
      break;
    case Verb::remove:
      if (action.target.starts_with("PersistentVolumeClaim")) broken = "a claim was removed";
      orphan = false;
      break;
    case Verb::clear_avoid:
      avoided = -1;
      break;
    case Verb::avoid_node:
      avoided = std::stoi(action.target.substr(1));
      break;
    case Verb::ask_to_end:
    case Verb::renew:
    case Verb::replace_worker:
      if (pod == pods.end() || pod->going_since >= 0) break;
      pod->going_since = now;
      pod->grace = 3;
      break;
    case Verb::force_delete:
      if (pod != pods.end()) pods.erase(pod);
      break;
    case Verb::clean_keys:
      if (now < redis_down_until || now < controller_off_redis_until) break;
      redis.lose_data();
      note = false;
      break;
    case Verb::drop_note:
      note = false;
      break;
  }
  return true;
}

void World::fault() {
  Node& node = nodes[static_cast<std::size_t>(random_.below(3))];
  const int until = now + 1 + (random_.one_in(3) ? random_.below(400) : random_.below(40));
  switch (random_.below(17)) {
    case 0:
    case 1:
    case 2:
      node.frozen_until = until;
      break;
    case 3:
      node.frozen_until = 1 << 30;  // it never comes back
      break;
    case 4:
      node.off_api_until = until;
      break;
    case 5:
      node.off_redis_until = until;
      break;
    case 6:
      node.off_controller_until = until;
      break;
    case 7:
      api_down_until = until;
      break;
    case 8:
      redis_down_until = until;
      break;
    case 9:
      controller_off_redis_until = until;
      break;
    case 10:
      if (random_.one_in(3)) {
        redis.lose_data();
        data_was_lost = true;
      }
      break;
    case 11:  // a container hangs
      if (!containers.empty())
        containers[static_cast<std::size_t>(random_.below(static_cast<int>(containers.size())))]
            .hung_until = until;
      break;
    case 12:  // somebody edits or deletes
      objects[random_.below(planned)] =
          random_.one_in(2) ? Object::Stands::absent : Object::Stands::differs;
      break;
    case 13:
      orphan = true;
      break;
    case 14:
      (random_.one_in(2) ? unusable_until : suspended_until) = until;
      break;
    case 15:  // somebody deletes a pod
      if (!pods.empty()) {
        PodObject& pod =
            pods[static_cast<std::size_t>(random_.below(static_cast<int>(pods.size())))];
        if (pod.going_since < 0) pod.going_since = now, pod.grace = 30;
      }
      break;
    case 16:
      if (random_.one_in(4)) owner = Owner::absent;
      break;
  }
}

}  // namespace raykeep::decide::simulated
