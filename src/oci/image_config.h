// An image's config: for what platform it was made, when, and what its layers are unpacked.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "oci/digest.h"
#include "oci/manifest.h"

namespace raykeep::oci {

struct ImageConfig {
  Platform platform = {};
  std::optional<std::chrono::sys_seconds> created = {};  // where it is written, and is a time
  std::vector<Digest> unpacked = {};  // of the layers' tars (rootfs.diff_ids), lowest first
};

/// Of config.json's bytes, at most most_manifest_bytes of them.
Result<ImageConfig> parse_image_config(std::string_view bytes);

}  // namespace raykeep::oci
