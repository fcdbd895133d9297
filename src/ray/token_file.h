// Ray's auth token, from its file.
#pragma once

#include <string>

#include "base/error.h"
#include "base/secret.h"

namespace raykeep::ray {

/// The first line of the file without blanks around it, as Ray reads it
/// (authentication_token_loader.cc). An empty path gives an empty token. An error when the file
/// cannot be read, is empty, is longer than 16 KiB, or holds what cannot be in a header.
Result<Secret<std::string>> read_token(const std::string& path);

}  // namespace raykeep::ray
