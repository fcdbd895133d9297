#include "sbom/python.h"

#include <algorithm>
#include <string>

#include "base/text.h"
#include "sbom/fields.h"

namespace raykeep::sbom {
namespace {

/// The folder around what is at a path; empty for the root.
std::string_view around(std::string_view path) {
  std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
}

/// The first field of a line of comma-separated values.
std::string first_value(std::string_view line) {
  if (!line.starts_with('"')) return std::string(line.substr(0, line.find(',')));
  std::string made;
  for (std::size_t i = 1; i < line.size(); ++i) {
    if (line[i] == '"') {
      if (i + 1 >= line.size() || line[i + 1] != '"') break;
      ++i;
    }
    made += line[i];
  }
  return made;
}

}  // namespace

std::string normalised_python_name(std::string_view name) {
  std::string made;
  for (char c : name) {
    if (c == '-' || c == '_' || c == '.') {
      if (!made.ends_with('-')) made += '-';
    } else {
      made += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    }
  }
  return made;
}

Result<Package> parse_python(std::string_view text, std::string_view location) {
  const Paragraph fields = Paragraph::take(text);
  Package made{.name = std::string(fields.line("Name")),
               .version = std::string(fields.line("Version"))};
  if (made.name.empty() || made.version.empty()) return error("has no Name and Version");
  made.licence = fields.line("License-Expression");
  if (made.licence.empty()) made.licence = fields.line("License");
  for (const char* field : {"Author-email", "Maintainer-email", "Author", "Maintainer"}) {
    if (made.supplier.empty()) made.supplier = fields.line(field);
  }
  made.source_name = made.name;
  made.source_version = made.version;
  made.purl = purl_of("pypi", "", normalised_python_name(made.name), made.version);
  made.locations = {std::string(location)};
  return made;
}

void each_python_file(std::string_view record, std::string_view location,
                      const std::function<void(std::string_view)>& take) {
  const std::string_view folder = around(around(location));
  std::string path;
  while (!record.empty()) {
    const std::string written = first_value(take_line(record));
    if (written.empty()) continue;
    if (written.starts_with('/')) {
      take(written);
      continue;
    }
    // "../../../bin/ray" of a script.
    std::string_view rest = written, base = folder;
    while (rest.starts_with("../")) {
      rest.remove_prefix(3);
      base = around(base);
    }
    path = base;
    if (!path.empty()) path += '/';
    path += rest;
    take(path);
  }
}

}  // namespace raykeep::sbom
