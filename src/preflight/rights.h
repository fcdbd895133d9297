// Whether the account may do all that Raykeep will do with its rights: one question for each verb
// and resource, and one answer with the Role that is missing.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "control/rights.h"
#include "kube/ask.h"
#include "preflight/obstacle.h"

namespace raykeep::preflight {

/// What `up`, `status` and `down` need; without these nothing works.
std::span<const control::Right> rights_to_run();

/// What `connect`, `drill`, `verify` and preflight's own short-lived pods need.
std::span<const control::Right> rights_to_look();

/// May this account do that? `resource` may have a subresource: "pods/log". `ns` is empty for what
/// has no namespace.
kube::Question may_question(const std::string& ns, std::string_view group,
                            std::string_view resource, std::string_view verb,
                            std::string_view name = "");
bool is_allowed(const kube::Said& said);

/// A question for each verb of the rights, in their order.
std::vector<kube::Question> right_questions(std::span<const control::Right> rights,
                                            const std::string& ns);

/// Nothing when all are there. `user` as the API server knows it: "system:serviceaccount:a:b".
Obstacles judge_rights(std::span<const control::Right> rights, Weight weight, const std::string& ns,
                       const std::string& user, std::span<const kube::Said> answers);

}  // namespace raykeep::preflight
