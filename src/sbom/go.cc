#include "sbom/go.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "sbom/fields.h"

namespace raykeep::sbom {
namespace {

constexpr std::string_view magic = "\xff Go buildinf:";
constexpr std::size_t most = std::size_t{1} << 20;
constexpr std::size_t header = 32;  // magic, size of a pointer, flags, padding
constexpr std::size_t flags_at = 15;
constexpr unsigned char inline_texts = 2;  // since Go 1.18: the texts follow, each after its length

/// A text after its length in LEB128.
std::optional<std::string_view> take_text(std::string_view& bytes) {
  std::uint64_t size = 0;
  for (unsigned shift = 0; shift < 35; shift += 7) {
    if (bytes.empty()) return std::nullopt;
    const auto byte = static_cast<unsigned char>(bytes[0]);
    bytes.remove_prefix(1);
    size |= std::uint64_t{byte & 0x7fu} << shift;
    if ((byte & 0x80) != 0) continue;
    if (size > bytes.size()) return std::nullopt;
    std::string_view text = bytes.substr(0, size);
    bytes.remove_prefix(size);
    return text;
  }
  return std::nullopt;
}

Package module(std::string_view path, std::string_view version, std::string_view location) {
  Package made{.name = std::string(path),
               .version = std::string(version),
               .source_name = std::string(path),
               .source_version = std::string(version),
               .locations = {std::string(location)}};
  // purl-spec, golang: in lower case, the last step of the path is the name.
  std::string lower(path);
  std::ranges::transform(lower, lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  });
  const std::size_t slash = lower.rfind('/');
  std::string_view name = lower, space;
  if (slash != std::string::npos) {
    space = name.substr(0, slash);
    name = name.substr(slash + 1);
  }
  if (version == "(devel)") version = {};
  made.purl = purl_of("golang", space, name, version);
  return made;
}

}  // namespace

void GoBuildInfo::add(std::string_view piece) {
  if (!bytes_.empty()) {
    bytes_ += piece.substr(0, most - std::min(most, bytes_.size()));
    return;
  }
  for (std::size_t at = 0; at + header <= piece.size(); at += 16) {
    // Go's own tools have the magic among their constants: the flags tell.
    if (piece[at] == magic[0] && piece.substr(at).starts_with(magic) &&
        static_cast<unsigned char>(piece[at + flags_at]) == inline_texts) {
      bytes_ = piece.substr(at, most);
      return;
    }
  }
}

Result<std::vector<Package>> parse_go(std::string_view bytes, std::string_view location) {
  if (bytes.size() < header || !bytes.starts_with(magic))
    return error("has no Go build information");
  bytes.remove_prefix(header);
  std::optional<std::string_view> version = take_text(bytes);
  std::optional<std::string_view> text = version ? take_text(bytes) : std::nullopt;
  if (!text || !version->starts_with("go")) return error("has Go build information that is broken");
  std::vector<Package> made;
  made.push_back(module("stdlib", version->substr(2, version->find(' ') - 2), location));
  // Between two marks of 16 bytes: "path\tX", "mod\tPATH\tVERSION\tSUM", "dep\t...", "=>\t..."
  // (which replaces the module before it), "build\tKEY=VALUE".
  while (!text->empty()) {
    const auto parts = split(take_line(*text), '\t');
    // One replaced by a folder stays what it is called.
    if (parts.size() < 3 || parts[1].empty() || parts[1][0] == '.' || parts[1][0] == '/') continue;
    const bool replaces = parts[0] == "=>" && made.size() > 1;
    if (replaces) made.pop_back();
    if (replaces || parts[0] == "dep" || parts[0].ends_with("mod")) {
      made.push_back(module(parts[1], parts[2], location));
    }
  }
  return made;
}

}  // namespace raykeep::sbom
