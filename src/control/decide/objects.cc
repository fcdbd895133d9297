#include "control/decide/objects.h"

#include <algorithm>

#include <fmt/format.h>

namespace raykeep::decide {
namespace {

using Status = Condition::Status;
using Verb = Action::Verb;

void say_unusable(const Desired& desired, Decision& decision) {
  const bool refused = desired.document == Desired::Document::refused;
  const char* reason = refused ? "PolicyRefused" : "Unreadable";
  const std::string message = fmt::format("{}; what runs is left as it is", desired.problem);
  decision.conditions.push_back({"Accepted", Status::no, reason, message});
  decision.conditions.push_back(
      {"Applied", Status::unknown, "NotAccepted", "the stored document cannot be used"});
  decision.events.push_back({true, "", reason, message});
}

/// Another's object in the way stops everything, as it stops `up`: half a cluster helps nobody.
bool stopped_by_foreign(const Observed& observed, Decision& decision) {
  auto foreign = std::ranges::find(observed.objects, Object::Stands::foreign, &Object::stands);
  if (foreign == observed.objects.end()) return false;
  const std::string message =
      fmt::format("{} is there already and belongs to {}; rename the cluster, or remove it",
                  foreign->name, foreign->what);
  decision.conditions.push_back({"Applied", Status::no, "Foreign", message});
  decision.events.push_back({true, "", "Foreign", message});
  return true;
}

/// The plan's changes of the head's StatefulSet restart the head anyway, so that is when an old
/// wish to keep it off a node goes, which would restart it by itself at any other time.
void clear_avoid(const Observed& observed, const Object& head, Decision& decision) {
  const bool set_now = std::ranges::count(decision.actions, Verb::avoid_node, &Action::verb) > 0;
  if (observed.avoided_node.empty() || set_now || head.stands != Object::Stands::differs) return;
  decision.actions.push_back(
      {Verb::clear_avoid, head.name, "", "its pods are replaced now in any case"});
}

void apply(const Observed& observed, Decision& decision) {
  for (const Object& object : observed.objects) {
    if (object.stands == Object::Stands::absent)
      decision.actions.push_back({Verb::apply, object.name, "", "it is missing"});
    if (object.stands != Object::Stands::differs) continue;
    if (object.head) clear_avoid(observed, object, decision);
    decision.actions.push_back({Verb::apply, object.name, "",
                                object.what.empty() ? "it differs from the plan"
                                                    : object.what + " differs from the plan"});
  }
}

void prune(const Observed& observed, Decision& decision) {
  for (const Orphan& orphan : observed.orphans) {
    if (orphan.going) continue;
    if (orphan.claim) {
      decision.events.push_back(
          {false, orphan.name, "ClaimKept",
           "the document does not name it any more; it is kept for its data"});
      continue;
    }
    decision.actions.push_back({Verb::remove, orphan.name, "", "no plan names it any more"});
  }
}

Condition applied(const Observed& observed, bool anything_to_do) {
  if (!observed.apply_problem.empty())
    return {"Applied", Status::no, "ApplyFailed", observed.apply_problem};
  if (anything_to_do)
    return {"Applied", Status::no, "Applying", "objects are being brought in line with the plan"};
  auto going = std::ranges::find(observed.objects, Object::Stands::going, &Object::stands);
  if (going != observed.objects.end())
    return {"Applied", Status::no, "Going",
            fmt::format("{} is being deleted; it is made anew when it is gone", going->name)};
  return {"Applied", Status::yes, "AsPlanned", "every object is as planned"};
}

void write_note(const Observed& observed, const Desired& desired, Decision& decision) {
  if (!desired.keeps_keys || desired.suspended) return;
  if (std::ranges::count(observed.notes, observed.owner_uid, &Note::owner_uid) > 0) return;
  decision.actions.push_back({Verb::write_note, observed.owner_uid, "",
                              "its keys in Redis must be found when the cluster is gone"});
}

}  // namespace

void decide_objects(const Observed& observed, const Desired& desired, Decision& decision) {
  if (desired.document != Desired::Document::usable) return say_unusable(desired, decision);
  decision.conditions.push_back(
      {"Accepted", Status::yes, "Usable", "the stored document and Site can be used"});
  if (stopped_by_foreign(observed, decision)) return;
  const std::size_t before = decision.actions.size();
  write_note(observed, desired, decision);
  apply(observed, decision);
  prune(observed, decision);
  Condition condition = applied(observed, decision.actions.size() > before);
  if (condition.reason == "ApplyFailed")
    decision.events.push_back({true, "", condition.reason, condition.message});
  decision.conditions.push_back(std::move(condition));
}

}  // namespace raykeep::decide
