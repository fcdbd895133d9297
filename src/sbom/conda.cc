#include "sbom/conda.h"

#include <string>

#include "base/text.h"
#include "doc/json.h"

namespace raykeep::sbom {
namespace {

/// "https://conda.example/conda-forge/linux-64" and "conda-forge" are both conda-forge.
std::string channel_name(std::string_view channel, std::string_view subdir) {
  while (channel.ends_with('/')) channel.remove_suffix(1);
  if (!subdir.empty() && channel.ends_with(subdir)) {
    channel.remove_suffix(subdir.size());
    while (channel.ends_with('/')) channel.remove_suffix(1);
  }
  if (!channel.contains("://")) return std::string(channel);
  return std::string(channel.substr(channel.rfind('/') + 1));
}

bool is_sha256(std::string_view text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

}  // namespace

Result<Package> parse_conda(std::string_view text, std::string_view location,
                            const std::function<void(std::string_view)>& take) {
  // Of a large package the list of files is long: some have 100,000.
  Result<doc::Value> value =
      doc::parse_json(text, {.bytes = std::size_t{64} << 20, .depth = 20, .nodes = 5'000'000});
  if (!value) return error("is no JSON: " + value.error().text);
  const doc::Object* object = value->if_object();
  if (object == nullptr) return error("is no JSON object");
  auto at = [&](std::string_view key) { return std::string(doc::find_string(*object, {key})); };
  Package made{.name = at("name"), .version = at("version")};
  if (made.name.empty() || made.version.empty()) return error("has no name and version");
  made.source_name = made.name;
  made.source_version = made.version;
  made.licence = at("license");
  if (std::string digest = at("sha256"); is_sha256(digest)) made.sha256 = std::move(digest);
  made.locations = {std::string(location)};
  std::string build = at("build");
  if (build.empty()) build = at("build_string");
  const std::string subdir = at("subdir");
  made.purl = purl_of(
      "conda", "", made.name, made.version,
      {{"build", build}, {"channel", channel_name(at("channel"), subdir)}, {"subdir", subdir}});
  const doc::Array* files = doc::find_array(*object, {"files"});
  if (files != nullptr && take) {
    const std::string prefix(location.substr(0, location.rfind("conda-meta/")));
    for (const doc::Value& each : *files) {
      if (const boost::json::string* path = each.if_string()) take(prefix + std::string(*path));
    }
  }
  return made;
}

}  // namespace raykeep::sbom
