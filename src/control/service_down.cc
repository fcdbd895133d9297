#include "control/service_down.h"

#include "control/fields.h"
#include "control/inventory.h"
#include "control/persisted.h"
#include "control/service_view.h"
#include "spec/fault_tolerance.h"

namespace raykeep::control {
namespace {

awaitable<void> remove(const Access& access, const doc::Value& object, bool dry_run,
                       const Report& report) {
  if (!dry_run) co_await access.client.remove(kube::ref_of(object), {}, access.request());
  report(Done{Done::What::removed, label_for_people(object), dry_run});
}

}  // namespace

awaitable<DownOutcome> down_service(const Access& access, std::string ns, std::string service,
                                    DownOptions options, Report report) {
  ServiceSeen seen =
      co_await observe_service(access, ns, service, {.events = false, .everything = true});
  if (!seen.owner && seen.clusters.empty()) co_return DownOutcome::nothing_there;
  if (seen.owner && !options.dry_run) {
    doc::Object patch{
        {"metadata", doc::Object{{"annotations", doc::Object{{removing_annotation, "true"}}}}}};
    co_await access.client.merge_patch(kube::ref_of(*seen.owner), std::move(patch),
                                       access.request());
  }
  for (const Observed& cluster : seen.clusters) {
    DownOutcome outcome = co_await down(access, ns, cluster.cluster, options, report);
    if (outcome == DownOutcome::left_over) co_return outcome;
  }
  for (const auto* object : {&seen.serve_service, &seen.head_service}) {
    if (*object) co_await remove(access, **object, options.dry_run, report);
  }
  // The document's Redis password; one that somebody else made stays.
  std::optional<doc::Value> password = co_await access.client.find(
      {kinds::secret, ns, spec::document_redis_secret(service)}, access.request());
  if (password && is_ours(*password, service))
    co_await remove(access, *password, options.dry_run, report);
  if (seen.owner) co_await remove(access, *seen.owner, options.dry_run, report);
  co_return DownOutcome::gone;
}

}  // namespace raykeep::control
