// Does a controller keep this namespace? Its Lease tells; but one that was killed leaves it as it
// was, and clocks of different machines are not compared. So the Lease is watched for a moment: who
// lives renews it every second or two.
#pragma once

#include <optional>
#include <string>

#include "control/access.h"

namespace raykeep::control {

/// Who leads, the pod's name; nothing when nobody does, or we may not know. It takes one request
/// where no controller was installed, about a second where one lives, and `patience` where one
/// died.
awaitable<std::optional<std::string>> controller_in(const Access& access, std::string ns,
                                                    Duration patience = std::chrono::seconds(5));

/// Did the one that was here stop renewing its Lease more than a minute ago? For a hint to people:
/// it trusts this machine's clock. False where we may not know.
awaitable<bool> controller_is_gone(const Access& access, std::string ns);

}  // namespace raykeep::control
