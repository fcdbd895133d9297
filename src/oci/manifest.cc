#include "oci/manifest.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "doc/json.h"

namespace raykeep::oci {
namespace {

constexpr std::string_view docker_list =
    "application/vnd.docker.distribution.manifest.list.v2+json";
constexpr std::string_view docker_manifest = "application/vnd.docker.distribution.manifest.v2+json";
constexpr std::size_t most_members = 2'000;  // of an index, or layers of an image

std::string_view text_at(const doc::Object& object, std::string_view key) {
  return doc::find_string(object, {key});
}

Result<Descriptor> read_descriptor(const doc::Value& value) {
  const doc::Object* object = value.if_object();
  if (object == nullptr) return error("is no object");
  Descriptor made;
  made.media_type = text_at(*object, "mediaType");
  Result<Digest> digest = Digest::parse(text_at(*object, "digest"));
  if (!digest) return error("digest " + digest.error().text);
  made.digest = *digest;
  const doc::Value* size = object->if_contains("size");
  if (size == nullptr || !size->is_number()) return error("has no size");
  boost::system::error_code wrong;
  auto bytes = size->to_number<std::int64_t>(wrong);
  if (wrong || bytes < 0) return error("has a size that is no count of bytes");
  made.size = static_cast<std::uint64_t>(bytes);
  if (const doc::Array* urls = doc::find_array(*object, {"urls"})) made.foreign = !urls->empty();
  if (const doc::Object* platform = doc::find_object(*object, {"platform"})) {
    made.platform = Platform{.os = std::string(text_at(*platform, "os")),
                             .architecture = std::string(text_at(*platform, "architecture")),
                             .variant = std::string(text_at(*platform, "variant"))};
  }
  return made;
}

Result<std::vector<Descriptor>> read_descriptors(const doc::Object& object, std::string_view key) {
  std::vector<Descriptor> made;
  const doc::Value* list = object.if_contains(key);
  if (list == nullptr || list->is_null()) return made;
  const doc::Array* array = list->if_array();
  if (array == nullptr) return error(fmt::format("{} is no list", key));
  if (array->size() > most_members) {
    return error(fmt::format("{} has more than {} members", key, most_members));
  }
  for (const doc::Value& each : *array) {
    Result<Descriptor> one = read_descriptor(each);
    if (!one) return error(fmt::format("{}[{}]: {}", key, made.size(), one.error().text));
    made.push_back(std::move(*one));
  }
  return made;
}

Result<std::optional<Descriptor>> read_subject(const doc::Object& object) {
  const doc::Value* subject = object.if_contains("subject");
  if (subject == nullptr || subject->is_null()) return std::nullopt;
  Result<Descriptor> made = read_descriptor(*subject);
  if (!made) return error("subject: " + made.error().text);
  return std::move(*made);
}

/// The JSON object of a manifest whose media type is agreed on by all who name one.
Result<doc::Object> read_object(std::string_view bytes, std::string_view media_type) {
  if (bytes.size() > most_manifest_bytes) {
    return error(fmt::format("has more than {} MiB", most_manifest_bytes >> 20));
  }
  Result<doc::Value> value = doc::parse_json(bytes, {.bytes = most_manifest_bytes});
  if (!value) return error("is no JSON: " + value.error().text);
  doc::Object* object = value->if_object();
  if (object == nullptr) return error("is no JSON object");
  if (const doc::Value* schema = object->if_contains("schemaVersion")) {
    if (*schema == 1) return error("is of Docker's schema 1, which registries no longer keep");
    if (*schema != 2) return error("has a schemaVersion other than 2");
  }
  if (std::string_view own = text_at(*object, "mediaType"); !own.empty() && own != media_type) {
    return error(fmt::format("calls itself {}, and was given as {}", own, media_type));
  }
  return std::move(*object);
}

}  // namespace

Result<Platform> Platform::parse(std::string_view text) {
  auto parts = split(text, '/');
  if (parts.size() < 2 || parts.size() > 3 ||
      std::ranges::any_of(parts, [](std::string_view part) { return part.empty(); })) {
    return error(fmt::format("\"{}\" is no platform: write os/architecture, as linux/amd64", text));
  }
  return Platform{.os = std::string(parts[0]),
                  .architecture = std::string(parts[1]),
                  .variant = parts.size() == 3 ? std::string(parts[2]) : std::string()};
}

std::string Platform::text() const {
  return variant.empty() ? os + '/' + architecture : os + '/' + architecture + '/' + variant;
}

bool is_index(std::string_view media_type) {
  return media_type == index_type || media_type == docker_list;
}

bool is_manifest(std::string_view media_type) {
  return media_type == manifest_type || media_type == docker_manifest;
}

Result<Manifest> parse_manifest(std::string_view bytes, std::string_view media_type) {
  Result<doc::Object> object = read_object(bytes, media_type);
  if (!object) return std::unexpected(object.error());
  // A list of manifests where one manifest is expected would hide what is in it from who signs.
  if (object->contains("manifests")) return error("has manifests, which only an index may have");
  const doc::Value* config = object->if_contains("config");
  if (config == nullptr) return error("has no config");
  Result<Descriptor> read = read_descriptor(*config);
  if (!read) return error("config: " + read.error().text);
  Result<std::vector<Descriptor>> layers = read_descriptors(*object, "layers");
  if (!layers) return std::unexpected(layers.error());
  Result<std::optional<Descriptor>> subject = read_subject(*object);
  if (!subject) return std::unexpected(subject.error());
  return Manifest{std::move(*read), std::move(*layers), std::move(*subject)};
}

Result<Index> parse_index(std::string_view bytes, std::string_view media_type) {
  Result<doc::Object> object = read_object(bytes, media_type);
  if (!object) return std::unexpected(object.error());
  if (object->contains("layers") || object->contains("config")) {
    return error("has layers or a config, which an index may not have");
  }
  if (!object->contains("manifests")) return error("has no manifests");
  Result<std::vector<Descriptor>> manifests = read_descriptors(*object, "manifests");
  if (!manifests) return std::unexpected(manifests.error());
  Result<std::optional<Descriptor>> subject = read_subject(*object);
  if (!subject) return std::unexpected(subject.error());
  return Index{std::move(*manifests), std::move(*subject)};
}

}  // namespace raykeep::oci
