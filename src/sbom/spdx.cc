// SPDX 2.3 as JSON (spdx.github.io/spdx-spec/v2.3, and its JSON schema).
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

constexpr std::string_view nothing = "NOASSERTION";

/// An identifier of what is named by a text: the same text has the same in every document.
std::string id_of(std::string_view kind, std::string_view text) {
  return fmt::format("SPDXRef-{}-{}", kind, oci::Digest::of(text).hex().substr(0, 20));
}

doc::Object package_named(std::string_view id, std::string_view name) {
  return {{"SPDXID", id},
          {"name", name},
          {"downloadLocation", nothing},
          {"filesAnalyzed", false},
          {"licenseConcluded", nothing},
          {"licenseDeclared", nothing},
          {"copyrightText", nothing}};
}

doc::Array sha256(std::string_view hex) {
  return {doc::Object{{"algorithm", "SHA256"}, {"checksumValue", hex}}};
}

doc::Array purl_reference(std::string_view purl) {
  return {doc::Object{{"referenceCategory", "PACKAGE-MANAGER"},
                      {"referenceType", "purl"},
                      {"referenceLocator", purl}}};
}

/// "Debian Python Team <team@example.org>" is "Organization: Debian Python Team
/// (team@example.org)".
std::string supplier_of(std::string_view written) {
  std::string name = plain(written), email;
  if (std::size_t open = name.find('<'); open != std::string::npos) {
    email = name.substr(open + 1, name.find('>', open) - open - 1);
    name = trim(std::string_view(name).substr(0, open));
  }
  std::erase_if(name, [](char c) { return c == '(' || c == ')' || c == '"'; });
  std::erase_if(email, [](char c) { return c == '(' || c == ')'; });
  if (name.empty()) name = std::exchange(email, {});
  if (name.empty()) return std::string(nothing);
  return email.empty() ? "Organization: " + name
                       : fmt::format("Organization: {} ({})", name, email);
}

doc::Object image_of(const Subject& subject, const Inventory& inventory) {
  doc::Object made = package_named("SPDXRef-Image", plain(subject.reference));
  made["versionInfo"] = subject.digest.text();
  made["supplier"] = nothing;
  made["primaryPackagePurpose"] = "CONTAINER";
  made["checksums"] = sha256(subject.digest.hex());
  made["externalRefs"] = purl_reference(image_purl(subject));
  made["comment"] =
      fmt::format("Platform {}. {}", plain(subject.platform.text()), known_unknowns(inventory));
  return made;
}

doc::Object system_of(const OsRelease& os) {
  doc::Object made = package_named("SPDXRef-OperatingSystem", plain(os.id));
  if (!os.version.empty()) made["versionInfo"] = plain(os.version);
  made["primaryPackagePurpose"] = "OPERATING-SYSTEM";
  if (!os.name.empty()) made["description"] = plain(os.name);
  return made;
}

doc::Object object_of(const Package& package) {
  doc::Object made = package_named(id_of("Package", package.purl), plain(package.name));
  made["versionInfo"] = plain(package.version);
  made["supplier"] = supplier_of(package.supplier);
  if (!package.sha256.empty()) made["checksums"] = sha256(package.sha256);
  if (std::optional<std::string> licence = spdx_expression(package.licence)) {
    made["licenseDeclared"] = *licence;
  } else if (!package.licence.empty()) {
    made["licenseComments"] = "Written in the package: " + plain(package.licence);
  }
  made["externalRefs"] = purl_reference(package.purl);
  std::string source = "acquired package info from: " + plain(join(package.locations, ", "));
  if (package.source_name != package.name || package.source_version != package.version) {
    source = fmt::format("built package from: {} {}; {}", plain(package.source_name),
                         plain(package.source_version), source);
  }
  made["sourceInfo"] = source;
  return made;
}

/// A program of no package is a package of one file: a File would need SHA-1, which proves nothing.
doc::Object object_of(const UnknownFile& file) {
  doc::Object made = package_named(id_of("File", file.path), plain("/" + file.path));
  made["packageFileName"] = plain("/" + file.path);
  made["supplier"] = nothing;
  made["primaryPackagePurpose"] = "FILE";
  made["checksums"] = sha256(file.digest.hex());
  made["comment"] = fmt::format("A program of {} bytes that belongs to no package.", file.size);
  return made;
}

}  // namespace

std::string write_spdx(const Subject& subject, const Inventory& inventory) {
  doc::Array packages, relationships;
  auto relate = [&](std::string_view from, std::string_view how, std::string_view to) {
    relationships.push_back(doc::Object{
        {"spdxElementId", from}, {"relationshipType", how}, {"relatedSpdxElement", to}});
  };
  auto contain = [&](doc::Object object) {
    relate("SPDXRef-Image", "CONTAINS", std::string_view(object["SPDXID"].as_string()));
    packages.push_back(std::move(object));
  };
  relate("SPDXRef-DOCUMENT", "DESCRIBES", "SPDXRef-Image");
  packages.push_back(image_of(subject, inventory));
  if (!inventory.os.id.empty()) contain(system_of(inventory.os));
  for (const Package& each : inventory.packages) contain(object_of(each));
  for (const UnknownFile& each : inventory.unknown) contain(object_of(each));
  return doc::write_json_pretty(doc::Object{
      {"spdxVersion", "SPDX-2.3"},
      {"dataLicense", "CC0-1.0"},
      {"SPDXID", "SPDXRef-DOCUMENT"},
      {"name", plain(subject.reference)},
      {"documentNamespace", "https://spdx.org/spdxdocs/raykeep-" + document_uuid(subject, "spdx")},
      {"creationInfo",
       doc::Object{{"created", time_text(subject.created)},
                   {"creators", doc::Array{doc::Value("Tool: raykeep-" + subject.tool_version)}}}},
      {"packages", std::move(packages)},
      {"relationships", std::move(relationships)}});
}

}  // namespace raykeep::sbom
