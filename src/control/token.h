// Ray's token: a Secret that is made once and never written over, because running pods and people
// hold its value.
#pragma once

#include "base/secret.h"
#include "control/access.h"
#include "plan/plan.h"

namespace raykeep::control {

/// 32 bytes from the kernel's generator as base64url text without padding.
Secret<std::string> make_token();

/// Is the pods' token Secret there? Throws Failure::invalid when up must not begin: when it is
/// somebody else's, lacks the key, or is one that the user has to bring and did not.
awaitable<bool> has_token(const Access& access, const plan::Plan& plan);

/// Sees to it that the pods' token Secret is there. Makes it with a new token if it is absent;
/// takes ownership (labels, `owner` as ownerReference) of one that is ours; only looks at one that
/// the user brings. Throws as has_token() does. True: it was made now.
awaitable<bool> ensure_token(const Access& access, const plan::Plan& plan,
                             doc::Value owner_reference);

/// Ray's token, for `connect --print-token`.
awaitable<Secret<std::string>> read_token(const Access& access, std::string ns, std::string secret);

}  // namespace raykeep::control
