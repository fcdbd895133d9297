#include "control/decide/decide.h"

#include "control/decide/clean_up.h"
#include "control/decide/fence.h"
#include "control/decide/head.h"
#include "control/decide/objects.h"
#include "control/decide/renewals.h"
#include "control/decide/workers.h"

namespace raykeep::decide {
namespace {

using Status = Condition::Status;

bool is(const Decision& decision, std::string_view type, Status status) {
  const Condition* found = decision.find(type);
  return found != nullptr && found->status == status;
}

Condition ready(const Observed& observed, const Desired& desired, const Decision& decision) {
  auto no = [](std::string reason, std::string message) {
    return Condition{"Ready", Status::no, std::move(reason), std::move(message)};
  };
  if (observed.owner == Owner::going) return no("Removing", "the cluster is being removed");
  if (const Condition* accepted = decision.find("Accepted"); accepted->status == Status::no)
    return no(accepted->reason, accepted->message);
  if (const Condition* applied = decision.find("Applied"); applied->status != Status::yes)
    return no(applied->reason, applied->message);
  if (desired.suspended) return no("Suspended", "no pods are wanted");
  if (is(decision, "HeadAnswers", Status::no)) {
    const Condition* head = decision.find("HeadAnswers");
    return no(head->reason, head->message);
  }
  if (!observed.trouble.empty() && !observed.settled) return no("Troubled", observed.trouble);
  if (!observed.settled) return no("Starting", "not every pod is ready yet");
  return {"Ready", Status::yes, "Ready", "every pod is ready"};
}

}  // namespace

Decision decide(const Observed& observed, const Desired& desired, Time now, const Limits& limits) {
  Decision decision;
  decide_head(observed, desired, now, limits, decision);  // first: it cannot wait for the others
  if (observed.owner == Owner::present) {
    decide_workers(observed, desired, now, limits, decision);
    decide_objects(observed, desired, decision);
    decide_renewals(observed, desired, decision);
  }
  decide_clean_up(observed, now, limits, decision);
  if (observed.owner == Owner::absent) {
    decision.conditions.clear();  // nobody is left to read them
    return decision;
  }
  if (!desired.suspended) decision.conditions.push_back(failover_ready(observed));
  decision.conditions.push_back(ready(observed, desired, decision));
  return decision;
}

}  // namespace raykeep::decide
