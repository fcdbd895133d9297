// What one controller remembers from look to look: since when things are as they are. It is small
// and may be lost at any time: whoever starts with an empty one only waits anew. Everything that
// must survive a controller stands in the cluster itself (deletionTimestamps, notes, the status).
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "control/decide/decision.h"
#include "control/decide/facts.h"

namespace raykeep::decide {

/// Of one cluster.
struct Memory {
  std::string head_uid;  // whom the following are about
  std::optional<Time> silent_since;
  std::optional<Time> head_going_since;
  PodSays head_says = PodSays::ready;
  std::optional<Time> head_says_since;
  std::optional<Time> free_since;                 // the lease, whoever the head is
  std::map<std::string, Time> worker_lost_since;  // by uid
  std::map<std::string, Time> note_tried_since;   // by the note's name
  std::vector<Time> failovers;                    // when a head was asked to end, oldest first
  std::set<std::string> said;                     // events of the state that lasts
};

/// Takes in what is seen now, and fills in the since-times of `observed`.
void remember(Memory& memory, Observed& observed, Time now, const Limits& limits = {});

/// An action was carried out: what is counted, is counted.
void remember_done(Memory& memory, const Action& action, Time now);

/// The events that were not said yet in the state that lasts. Those of a state that passed are
/// forgotten, so that they are said again should it come back.
std::vector<Event> news(Memory& memory, const std::vector<Event>& events);

}  // namespace raykeep::decide
