// Reads what may be a package database of each kind.
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "doc/json.h"
#include "require.h"
#include "sbom/apk.h"
#include "sbom/conda.h"
#include "sbom/document.h"
#include "sbom/dpkg.h"
#include "sbom/go.h"
#include "sbom/licence.h"
#include "sbom/os_release.h"
#include "sbom/python.h"

namespace sbom = raykeep::sbom;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  const sbom::OsRelease os = sbom::parse_os_release(text);
  sbom::Inventory all{.os = os};
  auto add = [&](std::vector<sbom::Package> packages) {
    for (sbom::Package& each : packages) all.packages.push_back(std::move(each));
  };
  std::size_t paths = 0;
  auto count = [&](std::string_view) { ++paths; };
  add(sbom::parse_dpkg(text, os, "a"));
  add(sbom::parse_apk(text, os, "a"));
  if (auto package = sbom::parse_python(text, "a/b/c")) add({*package});
  if (auto package = sbom::parse_conda(text, "a/conda-meta/c", count)) add({*package});
  sbom::GoBuildInfo go;
  go.add(text);
  for (std::string_view each : {std::string_view(go.bytes()), text}) {
    if (auto packages = sbom::parse_go(each, "a")) add(std::move(*packages));
  }
  sbom::each_dpkg_file(text, count);
  sbom::each_apk_file(text, count);
  sbom::each_python_file(text, "a/b.dist-info/RECORD", count);
  require(paths <= 4 * size + 4, "files are not more than their text", text);
  if (auto licence = sbom::spdx_expression(text)) {
    require(sbom::spdx_expression(*licence) == licence, "an expression is one", text);
  }
  sbom::sort_packages(all.packages);
  for (const sbom::Package& each : all.packages) {
    require(each.purl.starts_with("pkg:") &&
                each.purl.find_first_of(" \n\t\"<>\\") == std::string::npos,
            "a purl is one word", each.purl);
  }
  for (const std::string& each : {sbom::write_spdx({}, all), sbom::write_cyclonedx({}, all)}) {
    auto again = raykeep::doc::parse_json(each);
    require(again.has_value(), "a document is JSON", each);
  }
  return 0;
}
