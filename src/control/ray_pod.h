// What is read of a Ray pod to reach Ray in it.
#pragma once

#include <string>

#include "control/observe.h"

namespace raykeep::control {

/// The head's pod if it runs, or nullptr.
const doc::Value* running_head(const Observed& observed);

/// The container port of that name, or `absent`.
int named_port(const doc::Value& pod, std::string_view name, int absent);

/// The name of the Secret that a Ray pod mounts its token from; empty when authentication is off.
std::string token_secret_of(const doc::Value& pod);

/// The namespace's only cluster. Throws Failure::invalid when there are none or several.
awaitable<std::string> only_cluster(const Access& access, std::string ns);

}  // namespace raykeep::control
