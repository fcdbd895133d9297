// Carrying a plan out: adopt or refuse, owner first, then everything in the plan's order, then
// prune. Running it twice changes nothing; running it after an interruption goes on where it
// stopped.
#pragma once

#include <string>
#include <vector>

#include "control/access.h"
#include "control/observe.h"
#include "control/progress.h"
#include "plan/plan.h"

namespace raykeep::control {

/// An object that has a name we need and is not ours.
struct Foreign {
  std::string object;
  std::string whose;
};

/// The live counterparts of a plan's objects: nothing where there is none, in the plan's order.
using Live = std::vector<std::optional<doc::Value>>;

awaitable<Live> find_live(const Access& access, const plan::Plan& plan);

/// Those of `live` which do not carry our inventory labels for this cluster.
std::vector<Foreign> foreign_among(const Live& live, const std::string& cluster);

/// The ownerReference to a live owner ConfigMap; no blockOwnerDeletion, which would need rights on
/// finalizers.
doc::Value owner_reference(const doc::Value& owner);

/// `object` with that ownerReference, and with its UID for the generation where that is not in it
/// yet; as it is when the reference is null. One that outlives the cluster gets no owner.
doc::Value owned(doc::Value object, const doc::Value& reference);

/// A planned object as it is applied: owned by the live owner, with the owner's generation in it
/// (its annotation, else its UID), and a hash of all that. By the hash whoever looks at the live
/// object sees that something was taken out of the plan, which is missing in no comparison. As
/// planned where there is no owner yet.
doc::Value completed(doc::Value object, const std::optional<doc::Value>& owner);

/// What carries the cluster's labels and is in no plan any more, in the order to delete it:
/// workloads first. Volume claims are left out: they hold data, and only `down` removes those.
std::vector<kube::Ref> to_prune(const Observed& observed, const plan::Plan& plan);

/// Volume claims that to_prune() leaves out.
std::vector<kube::Ref> kept_claims(const Observed& observed, const plan::Plan& plan);

/// Applies one object as ours. A refusal comes with what to do about it.
awaitable<kube::Applied> apply_object(const Access& access, doc::Value object, bool dry_run);

/// What `up` does itself where a controller does the rest: it stores the document and makes the
/// Secrets, whose values may stand nowhere else. True: something was created or changed. Refuses
/// as carry_out() does.
awaitable<bool> store_document(const Access& access, const plan::Plan& plan, const Report& report);

struct ApplyOutcome {
  bool changed = false;  // some object was created, changed or removed
  bool workloads_changed = false;
};

/// Refuses with Failure::invalid, having touched nothing, when foreign objects stand in the way.
awaitable<ApplyOutcome> carry_out(const Access& access, const plan::Plan& plan, bool dry_run,
                                  const Report& report);

}  // namespace raykeep::control
