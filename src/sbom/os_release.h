// Which distribution an image is of: os-release(5).
#pragma once

#include <string>
#include <string_view>

namespace raykeep::sbom {

struct OsRelease {
  std::string id = {};       // "debian", "ubuntu", "alpine"; lower case
  std::string version = {};  // "12", "24.04"; empty for a rolling one
  std::string name = {};     // "Debian GNU/Linux 12 (bookworm)"

  /// For a purl: "debian-12"; empty where the id is not known.
  std::string distro() const;
  bool operator==(const OsRelease&) const = default;
};

/// Of the file's text. What is not there stays empty.
OsRelease parse_os_release(std::string_view text);

}  // namespace raykeep::sbom
