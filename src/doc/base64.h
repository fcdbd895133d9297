// Base64 with the standard alphabet (RFC 4648, section 4), as Secrets, kubeconfigs and YAML's
// !!binary have it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace raykeep::doc {

/// Padding is required; line breaks are skipped, as Go's base64.StdEncoding does. Nothing if it is
/// not base64.
std::optional<std::string> decode_base64(std::string_view text);

/// With padding, on one line.
std::string encode_base64(std::string_view bytes);

}  // namespace raykeep::doc
