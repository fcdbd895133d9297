// What the API server says to a dry run, as obstacles. It names the first thing that it does not
// like, so what is named is taken out of the pod and the rest is tried again. Pure.
#pragma once

#include <optional>
#include <string>

#include "kube/ask.h"
#include "preflight/obstacle.h"

namespace raykeep::preflight {

/// Nothing for an object that is admitted, and for a right that is missing: rights.h asks for
/// those. `about` is what was tried, "Deployment demo-worker-small".
Obstacles judge_dry_run(const std::string& about, const std::string& ns, const kube::Said& said);

/// The pod without what `message` refuses, so that it can be tried again; nothing where that cannot
/// be taken out. `modest` is put in place of resources that are refused.
std::optional<doc::Value> without_what_is_refused(doc::Value pod, std::string_view message,
                                                  const doc::Value& modest);

/// What webhooks put into a pod: containers that were not in it, and whether one of them may not
/// run under the restricted standard. `about` as above.
Obstacles judge_injection(const std::string& about, const doc::Value& sent,
                          const doc::Value& admitted);

}  // namespace raykeep::preflight
