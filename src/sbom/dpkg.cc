#include "sbom/dpkg.h"

#include <algorithm>

#include "base/text.h"
#include "sbom/fields.h"

namespace raykeep::sbom {

std::vector<Package> parse_dpkg(std::string_view text, const OsRelease& os,
                                std::string_view location) {
  std::vector<Package> made;
  while (!text.empty()) {
    const Paragraph fields = Paragraph::take(text);
    Package package{.name = std::string(fields.line("Package")),
                    .version = std::string(fields.line("Version"))};
    if (package.name.empty() || package.version.empty()) continue;
    // "install ok installed"; the last word is what is so. status.d has no such field.
    std::string_view status = fields.line("Status");
    if (status.ends_with(" config-files") || status.ends_with(" not-installed")) continue;
    // "Source: glibc (2.36-9)", where name or version differ.
    std::string_view source = fields.line("Source");
    std::string_view source_version;
    if (std::size_t open = source.find('('); open != std::string_view::npos) {
      source_version = source.substr(open + 1);
      source_version = trim(source_version.substr(0, source_version.find(')')));
      source = trim(source.substr(0, open));
    }
    package.source_name = source.empty() ? package.name : std::string(source);
    package.source_version = source_version.empty() ? package.version : std::string(source_version);
    package.supplier = fields.line("Maintainer");
    package.locations = {std::string(location)};
    std::string upstream;
    if (!source.empty()) {
      upstream = source;
      if (!source_version.empty()) upstream.append("@").append(source_version);
    }
    package.purl = purl_of("deb", os.id.empty() ? "debian" : os.id, package.name, package.version,
                           {{"arch", std::string(fields.line("Architecture"))},
                            {"distro", os.distro()},
                            {"upstream", upstream}});
    made.push_back(std::move(package));
  }
  return made;
}

void each_dpkg_file(std::string_view list, const std::function<void(std::string_view)>& take) {
  while (!list.empty()) {
    std::string_view line = take_line(list);
    if (line.starts_with('/')) {
      take(line);
    } else if (std::size_t blanks = line.find("  "); blanks != std::string_view::npos) {
      take(line.substr(blanks + 2));
    }
  }
}

}  // namespace raykeep::sbom
