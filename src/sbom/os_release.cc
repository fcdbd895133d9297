#include "sbom/os_release.h"

#include "base/text.h"
#include "sbom/fields.h"

namespace raykeep::sbom {
namespace {

/// A value as a shell would read it: quotes off, what follows a backslash as it is.
std::string unquoted(std::string_view text) {
  text = trim(text);
  if (text.size() >= 2 && (text[0] == '"' || text[0] == '\'') && text.back() == text[0]) {
    text = text.substr(1, text.size() - 2);
  }
  std::string made;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) ++i;
    made += text[i];
  }
  return harmless(made);
}

}  // namespace

std::string OsRelease::distro() const {
  if (id.empty()) return {};
  return version.empty() ? id : id + '-' + version;
}

OsRelease parse_os_release(std::string_view text) {
  OsRelease made;
  while (!text.empty()) {
    std::string_view line = trim(take_line(text));
    std::size_t equals = line.find('=');
    if (equals == std::string_view::npos || line[0] == '#') continue;
    std::string_view key = line.substr(0, equals);
    std::string value = unquoted(line.substr(equals + 1));
    if (key == "ID")
      made.id = std::move(value);
    else if (key == "VERSION_ID")
      made.version = std::move(value);
    else if (key == "PRETTY_NAME")
      made.name = std::move(value);
  }
  return made;
}

}  // namespace raykeep::sbom
