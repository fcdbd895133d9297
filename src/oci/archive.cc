#include "oci/archive.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "doc/json.h"
#include "oci/image_config.h"

namespace raykeep::oci {
namespace {

constexpr std::string_view blobs_folder = "blobs/sha256/";
constexpr std::size_t most_images = 10'000;

/// What to do about a file that is packed as a whole; empty where it is not.
std::string unpacking_of(std::string_view head) {
  struct Known {
    std::string_view magic, name, remedy;
  };
  static constexpr std::array known = {Known{"\x1f\x8b", "gzip", "gunzip"},
                                       Known{"\x28\xb5\x2f\xfd", "zstd", "unzstd"},
                                       Known{"\xfd"
                                             "7zXZ",
                                             "xz", "unxz"},
                                       Known{"BZh", "bzip2", "bunzip2"}};
  for (const Known& each : known) {
    if (head.starts_with(each.magic)) {
      return fmt::format("is packed with {}; run {} on it first", each.name, each.remedy);
    }
  }
  return {};
}

/// Where a link leads: nothing where that is outside.
std::optional<std::string> follow(const TarEntry& link) {
  std::vector<std::string> steps;
  auto go = [&](std::string_view path) {
    for (std::string_view step : split(path, '/')) {
      if (step.empty() || step == ".") continue;
      if (step != "..") {
        steps.emplace_back(step);
      } else if (steps.empty()) {
        return false;
      } else {
        steps.pop_back();
      }
    }
    return true;
  };
  if (link.target.starts_with('/')) return std::nullopt;
  if (link.type == TarEntry::Type::symlink) {
    go(link.path);
    steps.pop_back();
  }
  if (!go(link.target)) return std::nullopt;
  return join(steps, "/");
}

/// The file at a path, through links.
template <class Files>
Result<TarEntry> find_file(const Files& files, std::string_view path) {
  std::string at(path);
  for (int hops = 0; hops < 8; ++hops) {
    auto found = files.find(at);
    if (found == files.end()) return error(fmt::format("has no {}", quoted(at)));
    const TarEntry& entry = found->second;
    if (entry.type == TarEntry::Type::file) return entry;
    std::optional<std::string> next = follow(entry);
    if (!next) return error(fmt::format("has a link that leaves it: {}", quoted(at)));
    at = std::move(*next);
  }
  return error(fmt::format("has links that lead nowhere: {}", quoted(path)));
}

doc::Object described(const Descriptor& it) {
  return {{"mediaType", it.media_type}, {"digest", it.digest.text()}, {"size", it.size}};
}

std::vector<std::string> texts(const doc::Object& object, std::string_view key) {
  std::vector<std::string> made;
  if (const doc::Array* list = doc::find_array(object, {key})) {
    for (const doc::Value& each : *list) {
      if (const boost::json::string* text = each.if_string()) made.emplace_back(*text);
    }
  }
  return made;
}

}  // namespace

Result<Archive> Archive::open(ReadAt read, std::uint64_t size) {
  Archive made;
  made.read_ = std::move(read);
  std::array<char, 8> head{};
  std::size_t got = made.read_(0, head);
  if (std::string why = unpacking_of({head.data(), got}); !why.empty()) return error(why);
  Result<std::vector<TarEntry>> entries = index_tar(made.read_, size);
  if (!entries) return std::unexpected(entries.error());
  Files files;
  for (TarEntry& entry : *entries) {
    if (entry.type == TarEntry::Type::directory) continue;
    std::string path = entry.path;
    // Two readers of such an archive may see two images.
    if (!files.emplace(path, std::move(entry)).second) {
      return error("has two entries of one name: " + quoted(path));
    }
  }
  Result<void> taken;
  if (files.contains("index.json")) {
    taken = made.take_layout(files);
  } else if (files.contains("manifest.json")) {
    taken = made.take_saved(files);
  } else {
    return error(
        "is no archive of images: it has neither an index.json (an OCI layout) nor a manifest.json "
        "(docker save)");
  }
  if (!taken) return std::unexpected(taken.error());
  if (made.images_.empty()) return error("has no image in it");
  return made;
}

Result<void> Archive::take_layout(const Files& files) {
  for (const auto& [path, entry] : files) {
    if (!path.starts_with(blobs_folder) || entry.type != TarEntry::Type::file) continue;
    Result<Digest> digest = Digest::parse("sha256:" + path.substr(blobs_folder.size()));
    if (digest) blobs_.emplace(std::move(*digest), Part{entry.offset, entry.size});
  }
  Result<std::string> bytes = text(files, "index.json");
  if (!bytes) return std::unexpected(bytes.error());
  Result<Index> index = parse_index(*bytes, index_type);
  if (!index) return error("has an index.json that " + index.error().text);
  // Once more, for the names: parse_index() has seen to it that each member is an object.
  Result<doc::Value> value = doc::parse_json(*bytes, {.bytes = most_manifest_bytes});
  const doc::Array& members = *doc::find_array(*value, {"manifests"});
  for (std::size_t i = 0; i < index->manifests.size(); ++i) {
    ArchivedImage image;
    image.root = index->manifests[i];
    if (!is_index(image.root.media_type) && !is_manifest(image.root.media_type)) continue;
    image.reference = doc::find_string(members[i], {"annotations", "io.containerd.image.name"});
    if (image.reference.empty()) {
      image.reference =
          doc::find_string(members[i], {"annotations", "org.opencontainers.image.ref.name"});
    }
    Result<std::string> root = small(image.root.digest);
    if (!root)
      return error(
          fmt::format("has a broken image {}: {}", quoted(image.reference), root.error().text));
    if (root->size() != image.root.size) {
      return error(
          fmt::format("has an index.json with a wrong size for {}", image.root.digest.text()));
    }
    if (is_manifest(image.root.media_type)) {
      Result<Manifest> manifest = parse_manifest(*root, image.root.media_type);
      if (!manifest) {
        return error(fmt::format("has an image {} whose manifest {}", quoted(image.reference),
                                 manifest.error().text));
      }
      if (std::ranges::any_of(manifest->layers, [](const Descriptor& layer) {
            return layer.media_type.ends_with(".tar");
          })) {
        image.notes.emplace_back(
            "its layers are unpacked in the archive: its digest may not be the one that its "
            "registry knows");
      }
    }
    images_.push_back(std::move(image));
  }
  return {};
}

Result<void> Archive::take_saved(const Files& files) {
  Result<std::string> bytes = text(files, "manifest.json");
  if (!bytes) return std::unexpected(bytes.error());
  Result<doc::Value> value = doc::parse_json(*bytes, {.bytes = most_manifest_bytes});
  if (!value) return error("has a manifest.json that is no JSON: " + value.error().text);
  const doc::Array* list = value->if_array();
  if (list == nullptr || list->size() > most_images) {
    return error("has a manifest.json that is no list of images");
  }
  for (const doc::Value& each : *list) {
    const doc::Object* object = each.if_object();
    if (object == nullptr) return error("has a manifest.json that is no list of images");
    const std::string_view config_path = doc::find_string(*object, {"Config"});
    Result<Descriptor> config = take_config(files, config_path);
    if (!config) return std::unexpected(config.error());
    Result<ImageConfig> read = parse_image_config(*small(config->digest));
    if (!read)
      return error(fmt::format("has a {} that {}", quoted(config_path), read.error().text));
    const std::vector<std::string> layers = texts(*object, "Layers");
    if (layers.size() != read->unpacked.size()) {
      return error(fmt::format("has {} layers for {}, whose config says {}", layers.size(),
                               quoted(config_path), read->unpacked.size()));
    }
    doc::Array written;
    for (std::size_t i = 0; i < layers.size(); ++i) {
      Result<Descriptor> layer = take_layer(files, layers[i], read->unpacked[i]);
      if (!layer) return std::unexpected(layer.error());
      written.push_back(described(*layer));
    }
    std::string manifest = doc::write_json(doc::Object{{"schemaVersion", 2},
                                                       {"mediaType", manifest_type},
                                                       {"config", described(*config)},
                                                       {"layers", std::move(written)}});
    ArchivedImage image{
        .root = {.media_type = std::string(manifest_type),
                 .digest = Digest::of(manifest),
                 .size = manifest.size(),
                 .platform = read->platform},
        .notes = {"the archive has no manifest, so one was made: the image's digest "
                  "is not the one that its registry knows"}};
    if (Result<void> added = add(image.root.digest, std::move(manifest)); !added) return added;
    std::vector<std::string> names = texts(*object, "RepoTags");
    if (names.empty()) names.emplace_back();
    for (std::string& name : names) {
      image.reference = std::move(name);
      images_.push_back(image);
    }
    if (images_.size() > most_images) return error("has too many images");
  }
  return {};
}

Result<Descriptor> Archive::take_config(const Files& files, std::string_view path) {
  Result<std::string> bytes = text(files, path);
  if (!bytes) return std::unexpected(bytes.error());
  Descriptor made{
      .media_type = std::string(config_type), .digest = Digest::of(*bytes), .size = bytes->size()};
  if (Result<void> added = add(made.digest, std::move(*bytes)); !added) {
    return std::unexpected(added.error());
  }
  return made;
}

/// A layer as it is has the digest that the config gives it, so it need not be read for that. One
/// that is packed after all has to be.
Result<Descriptor> Archive::take_layer(const Files& files, std::string_view path,
                                       const Digest& unpacked) {
  Result<TarEntry> entry = find_file(files, path);
  if (!entry) return std::unexpected(entry.error());
  Descriptor made{.media_type = std::string(layer_type), .digest = unpacked, .size = entry->size};
  std::array<char, 8> head{};
  std::size_t got = read_(entry->offset,
                          std::span(head).first(std::min<std::uint64_t>(head.size(), entry->size)));
  if (std::string_view(head.data(), got).starts_with("\x1f\x8b")) {
    made.media_type += "+gzip";
    Hasher hasher;
    std::vector<char> piece(std::size_t{1} << 20);
    for (std::uint64_t at = 0; at < entry->size;) {
      std::size_t wanted = std::min<std::uint64_t>(piece.size(), entry->size - at);
      if (read_(entry->offset + at, std::span(piece).first(wanted)) != wanted) {
        return error("became shorter while it was read");
      }
      hasher.add({piece.data(), wanted});
      at += wanted;
    }
    made.digest = hasher.finish();
  }
  if (Result<void> added = add(made.digest, Part{entry->offset, entry->size}); !added) {
    return std::unexpected(added.error());
  }
  return made;
}

Result<void> Archive::add(const Digest& digest, Blob blob) {
  auto [there, is_new] = blobs_.emplace(digest, blob);
  if (!is_new && there->second != blob) {
    // The same layer may stand there twice; of another size it is another.
    const auto* old = std::get_if<Part>(&there->second);
    const auto* other = std::get_if<Part>(&blob);
    if (old == nullptr || other == nullptr || old->size != other->size) {
      return error("has two contents for " + digest.text());
    }
  }
  return {};
}

Result<std::string> Archive::text(const Files& files, std::string_view path) const {
  Result<TarEntry> entry = find_file(files, path);
  if (!entry) return std::unexpected(entry.error());
  if (entry->size > most_manifest_bytes) {
    return error(
        fmt::format("has a {} of more than {} MiB", quoted(path), most_manifest_bytes >> 20));
  }
  std::string bytes(entry->size, '\0');
  if (read_(entry->offset, bytes) != bytes.size()) return error("became shorter while it was read");
  return bytes;
}

std::optional<std::uint64_t> Archive::size_of(const Digest& digest) const {
  auto found = blobs_.find(digest);
  if (found == blobs_.end()) return std::nullopt;
  if (const auto* part = std::get_if<Part>(&found->second)) return part->size;
  return std::get<std::string>(found->second).size();
}

std::size_t Archive::read(const Digest& digest, std::uint64_t offset, std::span<char> into) const {
  const Blob& blob = blobs_.at(digest);
  const std::uint64_t size = *size_of(digest);
  if (offset >= size) return 0;
  into = into.first(std::min<std::uint64_t>(into.size(), size - offset));
  if (const auto* part = std::get_if<Part>(&blob)) return read_(part->offset + offset, into);
  std::ranges::copy(std::get<std::string>(blob).substr(offset, into.size()), into.begin());
  return into.size();
}

Result<std::string> Archive::small(const Digest& digest) const {
  std::optional<std::uint64_t> size = size_of(digest);
  if (!size) return error(digest.text() + " is not in the archive");
  if (*size > most_manifest_bytes) return error(digest.text() + " is too large");
  std::string bytes(*size, '\0');
  bytes.resize(read(digest, 0, bytes));
  if (Digest::of(bytes) != digest) return error(digest.text() + " is not what its name says");
  return bytes;
}

}  // namespace raykeep::oci
