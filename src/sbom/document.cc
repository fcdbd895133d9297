#include "sbom/document.h"

#include <algorithm>

#include <fmt/format.h>
#include <boost/uuid/name_generator_sha1.hpp>
#include <boost/uuid/uuid_io.hpp>

#include "base/text.h"

namespace raykeep::sbom {

std::string document_uuid(const Subject& subject, std::string_view kind) {
  boost::uuids::name_generator_sha1 generate(boost::uuids::ns::oid());
  return boost::uuids::to_string(generate(fmt::format(
      "{} {} {} {}", subject.digest.text(), subject.reference, kind, subject.tool_version)));
}

std::string image_purl(const Subject& subject) {
  std::string repository = subject.reference.substr(0, subject.reference.find('@'));
  const std::size_t slash = repository.rfind('/');
  if (std::size_t colon = repository.rfind(':');
      colon != std::string::npos && (slash == std::string::npos || colon > slash)) {
    repository.resize(colon);
  }
  std::string name = slash == std::string::npos ? repository : repository.substr(slash + 1);
  if (name.empty()) name = "image";
  return purl_of("oci", "", name, subject.digest.text(),
                 {{"arch", subject.platform.architecture}, {"repository_url", repository}});
}

std::string known_unknowns(const Inventory& inventory) {
  std::string made =
      "Read are the databases of dpkg, apk, Python and conda, and the modules that Go programs "
      "name. Not read are other languages' packages and what is inside of programs and archives.";
  made +=
      inventory.unknown_count == 0
          ? " Every program belongs to a package."
          : fmt::format(" Programs that belong to no package: {}, of which {} are listed as files.",
                        inventory.unknown_count, inventory.unknown.size());
  for (const std::string& note : inventory.notes) made += " Not read: " + plain(note) + '.';
  return made;
}

std::string plain(std::string_view text) {
  constexpr std::size_t most = 500;
  std::string made = harmless(text.substr(0, most));
  // A cut through a character, or bytes that were none.
  for (std::size_t tail = 0; tail < 3 && text.size() > most && !is_valid_utf8(made); ++tail) {
    made.pop_back();
  }
  if (!is_valid_utf8(made)) {
    std::ranges::replace_if(
        made, [](char c) { return static_cast<unsigned char>(c) >= 0x80; }, '?');
  }
  return made;
}

}  // namespace raykeep::sbom
