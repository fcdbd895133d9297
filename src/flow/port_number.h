// A port that a document tells in a text.
#pragma once

#include <cstdint>
#include <string_view>

#include "spec/validate.h"

namespace raykeep::flow {

/// The port in `text`, or `otherwise`. Nonsense was reported by spec; here it changes nothing.
inline int port_number(std::string_view text, int otherwise) {
  const std::int64_t port = spec::whole_number(text).value_or(0);
  return port >= 1 && port <= 65535 ? static_cast<int>(port) : otherwise;
}

}  // namespace raykeep::flow
