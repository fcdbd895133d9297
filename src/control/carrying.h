// Carrying out what was decided: one action of decide::Decision at a time, each safe to repeat and
// bound to the uid that it was decided for.
#pragma once

#include <map>
#include <string>

#include "control/decide/decision.h"
#include "control/matches.h"
#include "control/observe.h"
#include "control/store.h"
#include "plan/plan.h"

namespace raykeep::control {

/// What an action needs to know of the cluster that it is about.
struct Carrier {
  const Access& access;
  const Observed& observed;
  const plan::Plan* plan = nullptr;  // nothing: its document cannot be used
  const decide::Limits& limits;

  /// Of what was applied, by "Kind name"; kept from turn to turn by the caller.
  std::map<std::string, Normalised>& normalised;
};

/// Throws Failure when it could not be done; then what follows it must wait. Not for clean_keys.
awaitable<void> carry_out(Carrier carrier, decide::Action action);

/// Cleans what the note of that name says, and drops it. The problem, if there is one: then the
/// note stays. Takes up to twenty seconds, which nothing else should wait for.
awaitable<std::string> clean_keys(const Access& access, Store& store, std::string ns,
                                  std::string note);

/// A note of what to clean in Redis, as an object; nothing where the store is not known yet.
std::optional<doc::Value> cleanup_note(const Observed& observed);

/// The notes as a decision wants them. `observed`: the cluster that lives now, if one does.
std::vector<decide::Note> note_facts(const std::vector<doc::Value>& notes, const Observed& observed,
                                     const std::map<std::string, std::string>& problems);

/// A merge patch for the head's StatefulSet that asks the scheduler to keep its next pod off a
/// node, or with an empty name takes every such wish away.
doc::Value avoid_patch(const doc::Value& stateful_set, const std::string& node);

}  // namespace raykeep::control
