// Policy profiles applied to what documents become, as findings: with the place in the user's
// document where the value stands there, else with the object of the plan.
#pragma once

#include <string>
#include <vector>

#include "base/finding.h"
#include "cli/input.h"
#include "profile/profile.h"

namespace raykeep::cli {

struct ProfileFinding {
  Finding finding;
  std::string profile;
  std::string rule;    // as the engine calls it
  std::string object;  // "StatefulSet demo-head"
};

/// The Site's and those named, each once; "all" is every one. Requires: the names are known.
std::vector<profile::Profile> chosen_profiles(const Input& input,
                                              const std::vector<std::string>& names = {});

/// The plans are those of input.clusters, in their order; `ns` is the namespace that wins over the
/// documents'. Where neither says one, rules about the namespace are not asked.
std::vector<ProfileFinding> profile_findings(const Input& input,
                                             const std::vector<plan::Plan>& plans,
                                             const std::vector<profile::Profile>& profiles,
                                             const std::string& ns, Severity severity);

/// One line each, as other findings.
void print(std::FILE* to, const std::vector<ProfileFinding>& findings);

/// As other findings, with profile, rule and object.
doc::Array to_json(const std::vector<ProfileFinding>& findings);

}  // namespace raykeep::cli
