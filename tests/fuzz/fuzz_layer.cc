// Reads what may be a layer, and makes an inventory and documents of it. The first byte says how it
// is packed.
#include <array>
#include <cstdint>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "base/text.h"
#include "doc/json.h"
#include "require.h"
#include "sbom/document.h"
#include "sbom/inventory.h"

namespace oci = raykeep::oci;
namespace sbom = raykeep::sbom;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static constexpr std::array<const char*, 3> types = {
      "application/vnd.oci.image.layer.v1.tar", "application/vnd.oci.image.layer.v1.tar+gzip",
      "application/vnd.oci.image.layer.v1.tar+zstd"};
  std::string_view text(reinterpret_cast<const char*>(data), size);
  if (text.empty()) return 0;
  const char* type = types[static_cast<unsigned char>(text[0]) % types.size()];
  text.remove_prefix(1);
  auto pull = [text]() mutable { return std::exchange(text, std::string_view()); };
  const sbom::Limits limits{.layer = {.entries = 10'000, .unpacked = 16u << 20},
                            .filesystem = {.file = 1u << 20, .kept = 8u << 20, .nodes = 10'000}};
  try {
    std::array<sbom::LayerSource, 2> layers{sbom::LayerSource{type, pull},
                                            sbom::LayerSource{type, pull}};
    const sbom::Inventory made = sbom::take_inventory(layers, limits);
    for (const std::string& each : {sbom::write_spdx({}, made), sbom::write_cyclonedx({}, made)}) {
      require(raykeep::is_valid_utf8(each), "a document is UTF-8", text);
    }
  } catch (const raykeep::Failure& refused) {
    require(refused.kind() == raykeep::Failure::Kind::invalid, "a refusal is of the layer", text);
  }
  try {
    oci::LayerReader reader(pull, type, limits.layer);
    while (const oci::LayerEntry* entry = reader.next()) {
      for (const std::string& step : {"/" + entry->path + "/"}) {
        require(!step.contains("/../") && !step.contains("//") && !step.contains("/./"),
                "a path stays in the image", text);
      }
    }
  } catch (const raykeep::Failure&) {
  }
  return 0;
}
