// How the agent gets into a Ray container: Raykeep's image holds nothing but the program, so an
// init container runs the program to copy itself into a volume that both share.
#pragma once

#include <string>

namespace raykeep::node {

/// Copies the running program into `folder` as `raykeep`, mode 0755: whole or not at all, in place
/// of an older copy. Throws Failure::invalid.
void install(const std::string& folder);

}  // namespace raykeep::node
