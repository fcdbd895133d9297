#include "redis/keys.h"

#include <utility>

namespace raykeep::redis {

Keyspace::Keyspace(std::string storage_namespace)
    : namespace_(std::move(storage_namespace)),
      prefix_("RAY" + namespace_ + "@"),
      ours_(prefix_ + "RAYKEEP:") {}

std::string Keyspace::pattern() const {
  std::string out;
  for (char c : prefix_) {
    if (std::string_view("*?[]\\").contains(c)) out += '\\';
    out += c;
  }
  return out + "*";
}

}  // namespace raykeep::redis
