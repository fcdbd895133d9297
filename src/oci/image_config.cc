#include "oci/image_config.h"

#include <utility>

#include <fmt/format.h>

#include "base/moment.h"
#include "doc/json.h"

namespace raykeep::oci {
Result<ImageConfig> parse_image_config(std::string_view bytes) {
  if (bytes.size() > most_manifest_bytes) return error("is too large for an image's config");
  Result<doc::Value> value = doc::parse_json(bytes, {.bytes = most_manifest_bytes});
  if (!value) return error("is no JSON: " + value.error().text);
  const doc::Object* object = value->if_object();
  if (object == nullptr) return error("is no JSON object");
  ImageConfig made;
  made.platform = {.os = std::string(doc::find_string(*object, {"os"})),
                   .architecture = std::string(doc::find_string(*object, {"architecture"})),
                   .variant = std::string(doc::find_string(*object, {"variant"}))};
  made.created = parse_time(doc::find_string(*object, {"created"}));
  if (const doc::Array* layers = doc::find_array(*object, {"rootfs", "diff_ids"})) {
    for (const doc::Value& each : *layers) {
      const boost::json::string* text = each.if_string();
      Result<Digest> digest = text == nullptr ? error("is no text") : Digest::parse(*text);
      if (!digest) {
        return error(
            fmt::format("rootfs.diff_ids[{}] {}", made.unpacked.size(), digest.error().text));
      }
      made.unpacked.push_back(std::move(*digest));
    }
  }
  return made;
}

}  // namespace raykeep::oci
