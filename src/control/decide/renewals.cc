#include "control/decide/renewals.h"

#include <algorithm>

#include <fmt/format.h>

namespace raykeep::decide {
namespace {

using Status = Condition::Status;

/// Certificates grow old without anything else happening.
constexpr Duration between_looks = seconds(30);

bool is_due(const Pod& pod) { return pod.certificate >= Certificate::due; }

Condition condition(const std::vector<const Pod*>& nodes) {
  const auto at_least = [&](Certificate age) {
    return std::ranges::count_if(nodes, [age](const Pod* pod) { return pod->certificate >= age; });
  };
  if (const auto over = at_least(Certificate::over); over > 0)
    return {"Certificates", Status::no, "Over",
            fmt::format("the certificates of {} of {} nodes have ended: what is connected goes on, "
                        "new processes and nodes are refused; the nodes are started again one by "
                        "one",
                        over, nodes.size())};
  if (const auto due = at_least(Certificate::due); due > 0)
    return {"Certificates", Status::yes, "Renewing",
            fmt::format("{} of {} nodes are to be started again for new certificates", due,
                        nodes.size())};
  return {"Certificates", Status::yes, "Fresh", "every node's certificate is renewed in time"};
}

/// Who is started again now; nullptr: nobody.
const Pod* next_one(const Observed& observed) {
  const Pod* chosen = nullptr;
  for (const Pod& pod : observed.workers) {
    if (is_due(pod) && (chosen == nullptr || pod.certificate > chosen->certificate)) chosen = &pod;
  }
  if (chosen != nullptr) return chosen;
  return observed.head && is_due(*observed.head) ? &*observed.head : nullptr;
}

}  // namespace

void decide_renewals(const Observed& observed, const Desired& desired, Decision& decision) {
  std::vector<const Pod*> nodes;
  if (observed.head) nodes.push_back(&*observed.head);
  for (const Pod& pod : observed.workers) nodes.push_back(&pod);
  std::erase_if(nodes, [](const Pod* pod) { return pod->certificate == Certificate::none; });
  if (nodes.empty() || desired.suspended) return;
  decision.conditions.push_back(condition(nodes));
  decision.look_again = std::min(decision.look_again.value_or(between_looks), between_looks);

  const Pod* chosen = next_one(observed);
  if (chosen == nullptr) return;
  const bool one_goes = std::ranges::any_of(nodes, [](const Pod* pod) {
    return pod->going && pod->says != PodSays::node_lost;  // that one may never confirm
  });
  const bool calm = observed.settled && decision.actions.empty();
  if (one_goes || !(calm || chosen->certificate >= Certificate::urgent)) return;
  if (observed.answer != Answer::answers) return;  // the head is to drain it
  if (observed.head && chosen == &*observed.head && observed.fence.storage == Storage::memory) {
    decision.events.push_back(
        {true, "Pod " + chosen->name, "HeadCertificateEnds",
         "the head keeps its state in memory and is not started again by itself; delete its pod at "
         "a quiet moment, before its certificate ends, or give the cluster a Redis"});
    return;
  }
  const std::string why = chosen->certificate == Certificate::over
                              ? "its certificate has ended"
                              : "its certificate is to be renewed";
  decision.actions.push_back({Action::Verb::renew, "Pod " + chosen->name, chosen->uid,
                              why + ", and Ray reads it only when it starts"});
  decision.events.push_back(
      {false, "Pod " + chosen->name, "RenewsCertificate", why + ": the node is started again"});
}

}  // namespace raykeep::decide
