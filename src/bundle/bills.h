// Bills of materials of a bundle's images, made from their layers where they lie in the file.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "bundle/contents.h"

namespace raykeep::bundle {

/// Reads `size` bytes of a blob of the bundle, from `offset` on.
using ReadBlob = std::function<void(const oci::Digest& blob, std::uint64_t offset, char* data,
                                    std::size_t size)>;

/// Makes the bills of every image whose layers are all in `contents.blobs`, notes them in
/// `contents` (images' bills, `made`), and gives their bytes. Several images at once; each layer is
/// read once for each image. A layer that cannot be read is a known unknown of its image's bill.
std::map<oci::Digest, std::string> make_bills(Contents& contents, const ReadBlob& read);

}  // namespace raykeep::bundle
