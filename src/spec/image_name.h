// Names of images, as far as telling whether two mean the same one takes.
#pragma once

#include <string>
#include <string_view>

namespace raykeep::spec {

/// The name in full, without a digest: "redis:7.2" is docker.io/library/redis:7.2, "a.b/c" is
/// a.b/c:latest, "r/ray:1@sha256:..." is docker.io/r/ray:1. A name that says a digest and no tag
/// gets none. (github.com/distribution/reference, normalize.go.)
std::string full_image_name(std::string_view image);

/// "sha256:...", or empty.
std::string_view digest_of_image(std::string_view image);

}  // namespace raykeep::spec
