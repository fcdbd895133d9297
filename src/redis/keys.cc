#include "redis/keys.h"

namespace raykeep::redis {

std::string Keyspace::pattern() const {
  std::string out;
  for (char c : prefix()) {
    if (std::string_view("*?[]\\").contains(c)) out += '\\';
    out += c;
  }
  return out + "*";
}

bool Keyspace::is_rays(std::string_view key) const {
  return key.starts_with(prefix()) && !key.starts_with(ours());
}

}  // namespace raykeep::redis
