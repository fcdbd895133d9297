// `down` of a RayService: its clusters one after the other, then what stands above them; the
// ConfigMap with its document is the last, so that an interrupted `down` is seen and goes on.
#pragma once

#include "control/down.h"

namespace raykeep::control {

awaitable<DownOutcome> down_service(const Access& access, std::string ns, std::string service,
                                    DownOptions options, Report report);

}  // namespace raykeep::control
