// Alpine's database of packages: /lib/apk/db/installed (apk-tools, "Apk_spec").
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "sbom/os_release.h"
#include "sbom/package.h"

namespace raykeep::sbom {

std::vector<Package> parse_apk(std::string_view text, const OsRelease& os,
                               std::string_view location);

/// The paths of all files of all packages in the database.
void each_apk_file(std::string_view text, const std::function<void(std::string_view)>& take);

}  // namespace raykeep::sbom
