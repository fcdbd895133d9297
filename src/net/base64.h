// Base64 (RFC 4648, section 4) for headers and for what plugins are told. Decoding is doc's.
#pragma once

#include <string>

namespace raykeep::net {

std::string base64_encode(const std::string& bytes);

}  // namespace raykeep::net
