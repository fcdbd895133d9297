#include "control/decide/memory.h"

#include <algorithm>

namespace raykeep::decide {
namespace {

void remember_head(Memory& memory, const Observed& observed, Time now) {
  const std::string uid = observed.head ? observed.head->uid : "";
  if (uid != memory.head_uid) {
    memory.head_uid = uid;
    memory.silent_since = memory.head_going_since = memory.head_says_since = std::nullopt;
  }
  if (!observed.head) return;
  const bool no_answer = observed.answer == Answer::silent || observed.answer == Answer::refused;
  if (!no_answer) memory.silent_since = std::nullopt;
  if (no_answer && !memory.silent_since) memory.silent_since = now;
  if (observed.head->going && !memory.head_going_since) memory.head_going_since = now;
  if (!memory.head_says_since || memory.head_says != observed.head->says) {
    memory.head_says = observed.head->says;
    memory.head_says_since = now;
  }
}

void remember_workers(Memory& memory, Observed& observed, Time now) {
  std::map<std::string, Time> lost;
  observed.worker_lost_since.clear();
  for (const Pod& pod : observed.workers) {
    Time since = now;
    if (pod.says == PodSays::node_lost) {
      if (auto known = memory.worker_lost_since.find(pod.uid);
          known != memory.worker_lost_since.end())
        since = known->second;
      lost[pod.uid] = since;
    }
    observed.worker_lost_since.push_back(since);
  }
  memory.worker_lost_since = std::move(lost);
}

}  // namespace

void remember(Memory& memory, Observed& observed, Time now, const Limits& limits) {
  remember_head(memory, observed, now);
  observed.silent_since = memory.silent_since;
  observed.head_going_since = memory.head_going_since;
  observed.head_says_since = observed.head ? memory.head_says_since : std::nullopt;

  if (observed.fence.lease != Fence::Lease::free) memory.free_since = std::nullopt;
  if (observed.fence.lease == Fence::Lease::free && !memory.free_since) memory.free_since = now;
  observed.free_since = memory.free_since;

  remember_workers(memory, observed, now);
  std::erase_if(memory.failovers, [&](Time at) { return now - at > limits.failover_memory; });
  observed.recent_failovers = static_cast<int>(memory.failovers.size());

  for (Note& note : observed.notes) {
    auto known = memory.note_tried_since.find(note.name);
    if (known != memory.note_tried_since.end()) note.tried_since = known->second;
  }
  std::erase_if(memory.note_tried_since, [&](const auto& known) {
    return std::ranges::none_of(observed.notes,
                                [&](const Note& note) { return note.name == known.first; });
  });
}

void remember_done(Memory& memory, const Action& action, Time now) {
  if (action.verb == Action::Verb::ask_to_end) memory.failovers.push_back(now);
  if (action.verb == Action::Verb::clean_keys)
    memory.note_tried_since.try_emplace(action.target, now);
}

std::vector<Event> news(Memory& memory, const std::vector<Event>& events) {
  std::set<std::string> lasting;
  std::vector<Event> unsaid;
  for (const Event& event : events) {
    std::string key = event.object + '\n' + event.reason + '\n' + event.message;
    if (!memory.said.contains(key)) unsaid.push_back(event);
    lasting.insert(std::move(key));
  }
  memory.said = std::move(lasting);
  return unsaid;
}

}  // namespace raykeep::decide
