// The API server's "no" to an object, put into words: Pod Security, quota, LimitRange, webhooks and
// the like. The same sentences come back for our own requests and, through controllers' events and
// conditions, for pods.
#pragma once

#include <string>
#include <string_view>

#include "control/diagnose.h"

namespace raykeep::control {

/// `object` is what could not be made; `message` is the server's or the controller's. Never
/// empty-handed: an unknown refusal is passed on as it is.
Diagnosis explain_refusal(std::string object, std::string_view message);

}  // namespace raykeep::control
