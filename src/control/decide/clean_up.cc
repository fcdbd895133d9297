#include "control/decide/clean_up.h"

#include <algorithm>

#include <fmt/format.h>

namespace raykeep::decide {
namespace {

constexpr Duration between_attempts = seconds(10);

void decide_note(const Observed& observed, const Note& note, Time now, const Limits& limits,
                 Decision& decision) {
  const std::string& target = note.name;
  if (observed.owner != Owner::absent && note.owner_uid == observed.owner_uid) {
    // While it is being removed its Secrets are still there, and its head is not.
    const bool gone = observed.owner == Owner::going && !observed.head && !note.in_use;
    if (!gone) return;
  }
  if (note.in_use) {
    // What is left of the cluster: its head's set goes a moment after its owner.
    if (observed.owner == Owner::absent) return;
    decision.actions.push_back({Action::Verb::drop_note, target, "",
                                "a living cluster keeps its state under the same keys"});
    return;
  }
  if (observed.owner == Owner::absent && observed.head) return;  // it could write them again
  if (note.tried_since && now - *note.tried_since >= limits.clean_up) {
    const std::string message = fmt::format(
        "keys are left in Redis{}{}; its administrator can remove what begins with the cluster's "
        "storage namespace",
        note.problem.empty() ? "" : ": ", note.problem);
    decision.events.push_back({true, "ConfigMap " + target, "KeysLeft", message});
    decision.actions.push_back({Action::Verb::drop_note, target, "", message});
    return;
  }
  decision.actions.push_back(
      {Action::Verb::clean_keys, target, "", "the cluster is gone and its head with it"});
  decision.look_again =
      decision.look_again ? std::min(*decision.look_again, between_attempts) : between_attempts;
}

}  // namespace

void decide_clean_up(const Observed& observed, Time now, const Limits& limits, Decision& decision) {
  for (const Note& note : observed.notes) decide_note(observed, note, now, limits, decision);
}

}  // namespace raykeep::decide
