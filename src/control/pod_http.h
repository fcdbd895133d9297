// An agent or anything else in a pod, asked over the pod's network: for the controller, which is in
// the namespace. From outside it takes a forwarded port, see forwarded_port.h.
#pragma once

#include <string>

#include "control/access.h"
#include "net/http.h"

namespace raykeep::control {

/// GET of a path in the clear; the answer has at most 64 KiB. Throws net::Refused where nobody
/// listens on a machine that lives, Failure::invalid where what came back is no HTTP, else Failure.
awaitable<net::Response> get_from_pod(const Clock& clock, std::string ip, int port,
                                      std::string path, Deadline until);

}  // namespace raykeep::control
