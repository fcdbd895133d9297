// The Secrets that a plan only names (plan::PlannedSecret): a document's own Redis password, which
// stands nowhere else in the cluster, and what a managed Redis and the head's agent share.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "base/secret.h"
#include "control/access.h"
#include "control/progress.h"
#include "plan/plan.h"

namespace raykeep::control {

using SecretValues = std::map<std::string, Secret<std::string>, std::less<>>;

/// What the Secret is to hold. `before`: what it holds now; what was made at random once is kept.
SecretValues secret_values(const plan::PlannedSecret& planned, const SecretValues& before);

/// Throws Failure::invalid when one of the names is taken by somebody else's Secret, or when a
/// stored document refers to one that is gone: nothing may be touched then.
awaitable<void> check_secrets(const Access& access, const plan::Plan& plan);

/// Sees to it that they are there, with `owner` as ownerReference. A password that was made once is
/// kept; a document's is made what the document says. True: something was created or changed.
awaitable<bool> ensure_secrets(const Access& access, const plan::Plan& plan, doc::Value owner,
                               bool dry_run, const Report& report);

/// Removes those that an earlier plan of this cluster named and this one does not. They are asked
/// for by name: to list Secrets is to read them all.
awaitable<bool> prune_secrets(const Access& access, const plan::Plan& plan, bool dry_run,
                              const Report& report);

/// The names that this cluster's Secrets can have.
std::vector<std::string> secret_names(const std::string& cluster);

}  // namespace raykeep::control
