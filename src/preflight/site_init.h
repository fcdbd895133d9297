// A commented site.yaml from what was found out. Each value says where it comes from, and what only
// a person can know is marked `TODO(you)`. Pure; what it writes is a Site without errors.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "preflight/site_facts.h"

namespace raykeep::preflight {

std::string site_text(const SiteFacts& facts);

/// What the images of running pods have in common: "registry.bank.example/mirror"; empty where they
/// name no host, or several.
std::string common_registry(const std::vector<std::string>& images);

}  // namespace raykeep::preflight
