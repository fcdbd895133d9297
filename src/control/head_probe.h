// Does a head's node live? The one who knows is process 1 of the head's container, our agent, so it
// is asked on its own port. What it answers does not matter: a head may be unwell on a node that
// is well, and that is the kubelet's business.
#pragma once

#include <string>

#include "control/access.h"
#include "control/decide/facts.h"

namespace raykeep::control {

awaitable<decide::Answer> ask_head(const Clock& clock, std::string ip, int port, Deadline until);

}  // namespace raykeep::control
