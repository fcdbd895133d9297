// The ConfigMap that stands for the cluster: it stores the document and the Site, and owns
// everything else, so that deletion cascades by the garbage collector even when nothing of ours
// runs.
#pragma once

#include "plan/object.h"

namespace raykeep::plan {

/// `generation`: written as an annotation where it is not the owner's UID; empty otherwise.
doc::Value owner(const Input& input, const std::string& generation);

/// The Secret with Ray's token. Only where the token was handed in; `up` makes its own when there
/// is none yet.
doc::Value token_secret(const Input& input, const std::string& token);

}  // namespace raykeep::plan
