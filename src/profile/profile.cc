#include "profile/profile.h"

#include <algorithm>

namespace raykeep::profile {

const ProfileInfo& info(Profile profile) {
  return *std::ranges::find(kProfiles, profile, &ProfileInfo::profile);
}

std::optional<Profile> find_profile(std::string_view name) {
  auto at = std::ranges::find(kProfiles, name, &ProfileInfo::name);
  if (at == kProfiles.end()) return std::nullopt;
  return at->profile;
}

std::string profile_names() {
  std::string names;
  for (const ProfileInfo& each : kProfiles) {
    if (!names.empty()) names += ", ";
    names += each.name;
  }
  return names;
}

}  // namespace raykeep::profile
