// Where images come from on a Site.
#pragma once

#include <string>
#include <string_view>

#include "spec/site.h"

namespace raykeep::plan {

/// The image as the Site's registry has it: the registry's host is replaced by the Site's prefix,
/// path, tag and digest stay. Without a prefix, or when the image is already below it, nothing
/// changes.
///   "rayproject/ray:2.60.0" -> "registry.bank.example/mirror/rayproject/ray:2.60.0"
///   "quay.io/a/b@sha256:..." -> "registry.bank.example/mirror/a/b@sha256:..."
/// An image without a digest gets the one that the Site has for it, under its name in the document
/// or under the one in the Site's registry.
std::string image_on_site(std::string_view image, const spec::Site& site);

}  // namespace raykeep::plan
