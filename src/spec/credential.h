// User names and passwords as documents and Sites give them: written out, or named.
#pragma once

#include <optional>
#include <string>

#include "base/secret.h"

namespace raykeep::spec {

/// One value of a Secret or ConfigMap in the cluster's namespace.
struct KeyRef {
  std::string name;
  std::string key;
  bool config_map = false;  // else a Secret
  bool operator==(const KeyRef&) const = default;
};

/// At most one of the two. A password that is written out reaches pods as a Secret only.
struct Credential {
  Secret<std::string> literal;
  std::optional<KeyRef> from;

  bool empty() const { return literal.empty() && !from; }
  bool operator==(const Credential&) const = default;
};

}  // namespace raykeep::spec
