// Debian's database of packages: /var/lib/dpkg/status, and /var/lib/dpkg/status.d/*, into which
// distroless images split it.
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "sbom/os_release.h"
#include "sbom/package.h"

namespace raykeep::sbom {

/// The packages that a status file has, but for those of which only configuration is left.
/// `location` is its path.
std::vector<Package> parse_dpkg(std::string_view text, const OsRelease& os,
                                std::string_view location);

/// The paths in a package's list of files: info/NAME.list has them absolute, one a line;
/// status.d/NAME.md5sums behind a checksum.
void each_dpkg_file(std::string_view list, const std::function<void(std::string_view)>& take);

}  // namespace raykeep::sbom
