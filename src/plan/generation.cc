#include "plan/generation.h"

#include <fmt/format.h>

namespace raykeep::plan {
namespace {

void fill(doc::Value& value, std::string_view generation) {
  if (value.is_object()) {
    for (auto& member : value.get_object()) fill(member.value(), generation);
  } else if (value.is_array()) {
    for (doc::Value& item : value.get_array()) fill(item, generation);
  } else if (value.is_string()) {
    std::string text(value.get_string());
    std::size_t at = text.find(generation_placeholder);
    if (at == std::string::npos) return;
    for (; at != std::string::npos; at = text.find(generation_placeholder, at)) {
      text.replace(at, generation_placeholder.size(), generation);
      at += generation.size();
    }
    value = text;
  }
}

}  // namespace

std::string storage_namespace(const spec::Storage& storage, const std::string& ns,
                              const std::string& cluster, std::string_view generation) {
  if (!storage.storage_namespace.empty()) return storage.storage_namespace;
  return fmt::format("{}.{}.{}", ns, cluster, generation);
}

doc::Value in_generation(doc::Value object, std::string_view generation) {
  fill(object, generation);
  return object;
}

std::string generation_of(const doc::Value& owner) {
  std::string_view written =
      doc::find_string(owner, {"metadata", "annotations", generation_annotation});
  return std::string(written.empty() ? doc::find_string(owner, {"metadata", "uid"}) : written);
}

}  // namespace raykeep::plan
