#include "control/decide/workers.h"

#include <algorithm>

#include <fmt/format.h>

namespace raykeep::decide {

void decide_workers(const Observed& observed, const Desired& desired, Time now,
                    const Limits& limits, Decision& decision) {
  if (desired.suspended) return;
  const auto lost = std::ranges::count(observed.workers, PodSays::node_lost, &Pod::says);
  if (observed.workers.size() >= 3 && lost * 2 > std::ssize(observed.workers)) {
    decision.events.push_back(
        {true, "", "WorkersNotReplaced",
         fmt::format("most workers' nodes look lost ({} of {}), which is rather a failure of the "
                     "control plane; they are left alone",
                     lost, observed.workers.size())});
    return;
  }
  for (std::size_t i = 0; i < observed.workers.size(); ++i) {
    const Pod& pod = observed.workers[i];
    if (pod.says != PodSays::node_lost || pod.going) continue;
    const Duration lasted =
        i < observed.worker_lost_since.size() ? now - observed.worker_lost_since[i] : Duration{};
    if (lasted < limits.worker_lost) {
      const Duration left = limits.worker_lost - lasted;
      decision.look_again = decision.look_again ? std::min(*decision.look_again, left) : left;
      continue;
    }
    const std::string what = fmt::format("node {} does not report any more", pod.node);
    decision.actions.push_back({Action::Verb::replace_worker, "Pod " + pod.name, pod.uid, what});
    decision.events.push_back(
        {true, "Pod " + pod.name, "WorkerLost", what + "; its controller makes another worker"});
  }
}

}  // namespace raykeep::decide
