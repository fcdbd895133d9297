// Conda's packages: PREFIX/conda-meta/NAME-VERSION-BUILD.json.
#pragma once

#include <functional>
#include <string_view>

#include "base/error.h"
#include "sbom/package.h"

namespace raykeep::sbom {

/// `location` is the file's path in the image. `take`, where it is given, gets the paths of the
/// package's files, from the image's root.
Result<Package> parse_conda(std::string_view text, std::string_view location,
                            const std::function<void(std::string_view)>& take = {});

}  // namespace raykeep::sbom
