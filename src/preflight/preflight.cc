#include "preflight/preflight.h"

#include "control/fields.h"
#include "preflight/judge.h"

namespace raykeep::preflight {

awaitable<Obstacles> preflight(const Access& access, const Wanted& wanted,
                               PreflightOptions options) {
  const Deadline until = Deadline::after(access.clock, options.patience);
  const Survey seen = co_await survey(access, wanted.ns, wanted.plans, wanted.site);
  Obstacles all = judge(seen, wanted.site);
  const bool there = seen.ns_object.good() || seen.ns_object.denied();
  if (options.pods && there && !control::is_going(seen.ns_object.body)) {
    Obstacles more = co_await try_with_pods(access, wanted, seen, until);
    all.insert(all.end(), more.begin(), more.end());
  }
  co_return in_order(std::move(all));
}

}  // namespace raykeep::preflight
