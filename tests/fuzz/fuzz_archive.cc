// Opens what may be an archive of images. What is accepted stands within the file, and manifests
// are what their digests say.
#include <algorithm>
#include <cstdint>
#include <string_view>

#include "oci/archive.h"
#include "require.h"

namespace oci = raykeep::oci;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  auto read = [text](std::uint64_t offset, std::span<char> into) {
    std::string_view from = text.substr(std::min<std::uint64_t>(offset, text.size()), into.size());
    std::ranges::copy(from, into.begin());
    return from.size();
  };
  if (auto entries = oci::index_tar(read, size)) {
    for (const oci::TarEntry& each : *entries) {
      require(each.offset <= size && each.size <= size - each.offset, "a content is in the file",
              text);
      require(!each.path.empty() && !each.path.starts_with('/'), "a path is one of the tar's",
              text);
    }
  }
  auto archive = oci::Archive::open(read, size);
  if (!archive) {
    require(!archive.error().text.empty(), "a refusal says why", text);
    return 0;
  }
  require(!archive->images().empty(), "an archive has an image", text);
  for (const oci::ArchivedImage& image : archive->images()) {
    auto root = archive->small(image.root.digest);
    require(root && oci::Digest::of(*root) == image.root.digest, "a root is its digest's", text);
  }
  return 0;
}
