// Python's installed distributions: NAME.dist-info/METADATA (PEP 376, core metadata), and the older
// NAME.egg-info, a folder with PKG-INFO or a file of its own.
#pragma once

#include <functional>
#include <string_view>

#include "base/error.h"
#include "sbom/package.h"

namespace raykeep::sbom {

/// `location` is the metadata's path in the image.
Result<Package> parse_python(std::string_view text, std::string_view location);

/// "Foo_Bar.baz" is "foo-bar-baz" (PEP 503; purl asks for it too).
std::string normalised_python_name(std::string_view name);

/// The paths that a dist-info's RECORD has, from the image's root. `location` is RECORD's own path:
/// what is in it is relative to the folder around the dist-info.
void each_python_file(std::string_view record, std::string_view location,
                      const std::function<void(std::string_view)>& take);

}  // namespace raykeep::sbom
