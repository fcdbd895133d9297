// What both kinds of document say of an image beside its packages: which image, made into a
// document by whom and when. The same in, the same bytes out.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "oci/digest.h"
#include "oci/manifest.h"
#include "sbom/inventory.h"

namespace raykeep::sbom {

struct Subject {
  std::string reference = {};                // "docker.io/rayproject/ray:2.40.0"
  oci::Digest digest = oci::Digest::of({});  // of the platform's manifest
  oci::Platform platform = {};
  std::chrono::sys_seconds created = {};  // the document's time, not the clock's
  std::string tool_version = {};          // of Raykeep
};

/// A UUID (version 5) of the image, the document's kind and the tool's version.
std::string document_uuid(const Subject& subject, std::string_view kind);

/// pkg:oci/ray@sha256:...?arch=amd64&repository_url=...
std::string image_purl(const Subject& subject);

/// What the document does not know, for its reader.
std::string known_unknowns(const Inventory& inventory);

/// Text of a stranger's for a JSON document: one line of UTF-8, at most 500 bytes.
std::string plain(std::string_view text);

/// An image's packages as SPDX 2.3 in JSON, and as CycloneDX 1.5 in JSON.
std::string write_spdx(const Subject& subject, const Inventory& inventory);
std::string write_cyclonedx(const Subject& subject, const Inventory& inventory);

}  // namespace raykeep::sbom
