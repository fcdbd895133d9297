// CycloneDX 1.5 as JSON (cyclonedx.org/docs/1.5/json, and its JSON schema).
#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "base/moment.h"
#include "base/text.h"
#include "doc/json.h"
#include "sbom/document.h"
#include "sbom/licence.h"

namespace raykeep::sbom {
namespace {

doc::Object property(std::string_view name, std::string_view value) {
  return {{"name", name}, {"value", plain(value)}};
}

doc::Array sha256(std::string_view hex) {
  return {doc::Object{{"alg", "SHA-256"}, {"content", hex}}};
}

doc::Object image_of(const Subject& subject) {
  const std::string purl = image_purl(subject);
  return {{"type", "container"},
          {"bom-ref", purl},
          {"name", plain(subject.reference)},
          {"version", subject.digest.text()},
          {"hashes", sha256(subject.digest.hex())},
          {"purl", purl},
          {"properties", doc::Array{property("raykeep:platform", subject.platform.text())}}};
}

doc::Object system_of(const OsRelease& os) {
  doc::Object made{{"type", "operating-system"},
                   {"bom-ref", "os:" + plain(os.distro())},
                   {"name", plain(os.id)}};
  if (!os.version.empty()) made["version"] = plain(os.version);
  if (!os.name.empty()) made["description"] = plain(os.name);
  return made;
}

doc::Object object_of(const Package& package) {
  doc::Object made{{"type", "library"}, {"bom-ref", package.purl}};
  if (!package.supplier.empty()) {
    made["supplier"] = doc::Object{{"name", plain(package.supplier)}};
  }
  made["name"] = plain(package.name);
  made["version"] = plain(package.version);
  if (!package.sha256.empty()) made["hashes"] = sha256(package.sha256);
  if (std::optional<std::string> licence = spdx_expression(package.licence)) {
    made["licenses"] = doc::Array{doc::Object{{"expression", *licence}}};
  } else if (!package.licence.empty()) {
    made["licenses"] =
        doc::Array{doc::Object{{"license", doc::Object{{"name", plain(package.licence)}}}}};
  }
  made["purl"] = package.purl;
  doc::Array properties;
  for (const std::string& path : package.locations) {
    properties.push_back(property("raykeep:location", path));
  }
  if (package.source_name != package.name || package.source_version != package.version) {
    properties.push_back(property("raykeep:source", package.source_name));
    properties.push_back(property("raykeep:source-version", package.source_version));
  }
  made["properties"] = std::move(properties);
  return made;
}

doc::Object object_of(const UnknownFile& file) {
  return {{"type", "file"},
          {"bom-ref", "file:" + oci::Digest::of(file.path).text()},
          {"name", plain("/" + file.path)},
          {"description", "A program that belongs to no package."},
          {"hashes", sha256(file.digest.hex())}};
}

}  // namespace

std::string write_cyclonedx(const Subject& subject, const Inventory& inventory) {
  doc::Array components;
  if (!inventory.os.id.empty()) components.push_back(system_of(inventory.os));
  for (const Package& each : inventory.packages) components.push_back(object_of(each));
  for (const UnknownFile& each : inventory.unknown) components.push_back(object_of(each));
  doc::Object tool{{"type", "application"}, {"name", "raykeep"}, {"version", subject.tool_version}};
  return doc::write_json_pretty(doc::Object{
      {"bomFormat", "CycloneDX"},
      {"specVersion", "1.5"},
      {"serialNumber", "urn:uuid:" + document_uuid(subject, "cyclonedx")},
      {"version", 1},
      {"metadata",
       doc::Object{{"timestamp", time_text(subject.created)},
                   {"lifecycles", doc::Array{doc::Object{{"phase", "post-build"}}}},
                   {"tools", doc::Object{{"components", doc::Array{std::move(tool)}}}},
                   {"component", image_of(subject)},
                   {"properties", doc::Array{doc::Object{{"name", "raykeep:known-unknowns"},
                                                         {"value", known_unknowns(inventory)}}}}}},
      {"components", std::move(components)},
      {"compositions",
       doc::Array{doc::Object{{"aggregate", "incomplete"},
                              {"assemblies", doc::Array{doc::Value(image_purl(subject))}}}}}});
}

}  // namespace raykeep::sbom
