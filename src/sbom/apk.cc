#include "sbom/apk.h"

#include <string>
#include <utility>

#include "sbom/fields.h"

namespace raykeep::sbom {

std::vector<Package> parse_apk(std::string_view text, const OsRelease& os,
                               std::string_view location) {
  std::vector<Package> made;
  Package package;
  std::string architecture, origin;
  auto finish = [&] {
    if (!package.name.empty() && !package.version.empty()) {
      package.source_name = origin.empty() ? package.name : origin;
      package.source_version = package.version;
      package.locations = {std::string(location)};
      package.purl = purl_of("apk", os.id.empty() ? "alpine" : os.id, package.name, package.version,
                             {{"arch", architecture},
                              {"distro", os.distro()},
                              {"upstream", origin == package.name ? std::string() : origin}});
      made.push_back(std::move(package));
    }
    package = {};
    architecture.clear();
    origin.clear();
  };
  while (!text.empty()) {
    std::string_view line = take_line(text);
    if (line.empty()) finish();
    if (line.size() < 2 || line[1] != ':') continue;
    std::string_view value = line.substr(2);
    switch (line[0]) {
      case 'P':
        package.name = value;
        break;
      case 'V':
        package.version = value;
        break;
      case 'A':
        architecture = value;
        break;
      case 'L':
        package.licence = value;
        break;
      case 'm':
        package.supplier = value;
        break;
      case 'o':
        origin = value;
        break;
      default:
        break;
    }
  }
  finish();
  return made;
}

void each_apk_file(std::string_view text, const std::function<void(std::string_view)>& take) {
  std::string_view folder;
  std::string path;
  while (!text.empty()) {
    std::string_view line = take_line(text);
    if (line.starts_with("F:")) folder = line.substr(2);
    if (!line.starts_with("R:")) continue;
    path = folder;
    path.append("/").append(line.substr(2));
    take(path);
  }
}

}  // namespace raykeep::sbom
