#include "control/understanding.h"

#include <algorithm>

#include "control/apply.h"
#include "control/fields.h"
#include "control/inventory.h"
#include "control/persisted.h"
#include "control/service_view.h"
#include "control/store.h"
#include "control/stored_document.h"
#include "plan/names.h"

namespace raykeep::control {
namespace {

Understanding unusable(decide::Desired::Document document, std::string problem) {
  Understanding made;
  made.desired.document = document;
  made.desired.problem = std::move(problem);
  return made;
}

Understanding unreadable(std::string problem) {
  return unusable(decide::Desired::Document::unreadable,
                  "the stored document cannot be used: " + std::move(problem));
}

/// A RayService's cluster is never changed into another one: where this program makes other pods of
/// its document than an earlier one did, a new cluster takes its place (plan/ray_service.h).
bool is_superseded(const doc::Value& owner, const StoredDocument& stored,
                   const Observed& observed) {
  if (stored.cluster.service.empty()) return false;
  Result<StoredService> from = stored_service(owner, plan::service_key);
  return from &&
         plan::cluster_name(from->service, from->site,
                            {.ns = observed.ns, .generation = "", .token = ""}) != observed.cluster;
}

/// What runs keeps its pod templates.
void keep_pods(plan::Plan& plan, const Observed& observed) {
  for (doc::Value& object : plan.objects) {
    if (!is_workload(object)) continue;
    const doc::Value* live = observed.find(kind_of(object), name_of(object));
    const doc::Value* pods = live == nullptr ? nullptr : doc::find(*live, {"spec", "template"});
    if (pods != nullptr) object.as_object()["spec"].as_object()["template"] = *pods;
  }
}

}  // namespace

bool is_being_removed(const doc::Value& owner) {
  return is_going(owner) ||
         doc::find(owner, {"metadata", "annotations", removing_annotation}) != nullptr;
}

Understanding understand(const Observed& observed, const Policy& policy) {
  const doc::Value& owner = *observed.owner();
  Result<StoredDocument> stored = stored_document(owner, observed.cluster);
  if (!stored) return unreadable(stored.error().text);

  Understanding made;
  // As `up` plans it, so that the two agree to the byte; completed() puts the generation in.
  made.plan =
      plan::plan(stored->cluster, stored->site, {.ns = observed.ns, .generation = "", .token = ""});
  if (std::string problem = error_in(made.plan->findings); !problem.empty())
    return unreadable(problem);
  if (std::string refusal = refusal_by(policy, *made.plan); !refusal.empty())
    return unusable(decide::Desired::Document::refused, refusal);
  const std::string owner_name = plan::owner_name(observed.cluster);
  if (is_superseded(owner, *stored, observed)) keep_pods(*made.plan, observed);
  for (doc::Value& object : made.plan->objects) {
    if (kind_of(object) != "ConfigMap" || name_of(object) != owner_name)
      object = completed(std::move(object), owner);
  }
  made.desired.suspended = stored->cluster.suspend;
  // A Redis of the cluster's own goes with it. And what there is to clean is read from the head's
  // objects: until they are there, nothing is.
  made.desired.keeps_keys =
      made.plan->storage.backend == spec::Storage::Backend::redis && store_of(observed).has_value();
  return made;
}

}  // namespace raykeep::control
