// Licences as package databases write them, and as SPDX does.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace raykeep::sbom {

/// The text as an SPDX licence expression, where it is one of licences that are known here: the few
/// dozen that nearly all packages have. Nothing for all else: an expression with a licence that
/// SPDX does not know makes a document invalid.
std::optional<std::string> spdx_expression(std::string_view text);

}  // namespace raykeep::sbom
