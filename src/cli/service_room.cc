#include "cli/service_room.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "control/fields.h"
#include "control/inventory.h"
#include "control/observe.h"
#include "control/service_view.h"
#include "preflight/quota.h"

namespace raykeep::cli {
namespace {

using control::awaitable;

/// What the quotas lack for that much of the cluster, beside what runs and stays.
preflight::Obstacles shortages(const std::vector<doc::Value>& quotas,
                               const std::vector<preflight::PodUse>& leaving,
                               const plan::Plan& plan) {
  const std::vector<bool> none_is_there(plan.objects.size(), false);
  return preflight::judge_quotas(quotas, preflight::use_of_plan(plan, none_is_there, 1), leaving);
}

}  // namespace

awaitable<std::string> lack_of_room(const control::Access& access, const plan::ServicePlan& plan,
                                    const spec::RayService& service, const spec::Site& site) {
  if (service.upgrade == spec::ServiceUpgrade::none) co_return "";
  control::ServiceSeen seen = co_await control::observe_service(
      access, plan.ns, plan.service, {.events = false, .everything = false});
  if (seen.clusters.empty() || seen.cluster(plan.cluster) != nullptr) co_return "";
  std::vector<doc::Value> quotas;
  try {
    quotas = co_await control::list(access, {"v1", "ResourceQuota"}, plan.ns);
  } catch (const Failure& failure) {
    if (failure.kind() != Failure::Kind::denied) throw;
    co_return "";
  }
  if (quotas.empty()) co_return "";
  // As those of an upgrade that has just been done.
  const std::vector<preflight::PodUse> leaving = preflight::uses_of(
      co_await control::list(access, control::kinds::pod, plan.ns), control::is_going);
  auto at = [&](int capacity) {
    return shortages(
        quotas, leaving,
        plan::plan_cluster(service, site, {.ns = plan.ns, .generation = "", .token = ""},
                           plan.cluster, capacity));
  };
  const bool in_steps = service.upgrade == spec::ServiceUpgrade::incremental;
  const preflight::Obstacles missing = at(in_steps ? service.max_surge_percent : 100);
  if (missing.empty()) co_return "";
  std::vector<std::string> words;
  for (const preflight::Obstacle& each : missing)
    words.push_back(fmt::format("{}: {}", each.about, each.what));
  static constexpr int steps[] = {50, 34, 25, 10};
  auto fits = std::ranges::find_if(steps, [&](int percent) {
    return percent < (in_steps ? service.max_surge_percent : 101) && at(percent).empty();
  });
  co_return fmt::format(
      "what changed makes another cluster, {}, take over from the one that serves, and the quota "
      "has no room for {}: {}; nothing was touched. {}",
      plan.cluster, in_steps ? "a step of it" : "both", join(words, "; "),
      fits == std::end(steps)
          ? "Not even a tenth of its workers has room beside it: ask for more"
          : fmt::format("There is room for {0} % of its workers at a time: write upgradeStrategy: "
                        "{{type: NewClusterWithIncrementalUpgrade, clusterUpgradeOptions: "
                        "{{maxSurgePercent: {0}}}}}",
                        *fits));
}

}  // namespace raykeep::cli
