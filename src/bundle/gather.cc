#include "bundle/gather.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>

#include "base/text.h"
#include "bundle/image_source.h"
#include "bundle/tar.h"
#include "doc/json.h"

namespace raykeep::bundle {
namespace {

using Kind = Failure::Kind;
constexpr std::size_t most_config = 8u << 20;

void add(const oci::Digest& digest, std::uint64_t size, Origin origin, Gathered& gathered) {
  gathered.contents.blobs.push_back({digest, size});
  gathered.origins.try_emplace(digest, std::move(origin));
}

Blob add_bytes(std::string bytes, Gathered& gathered) {
  const Blob blob{oci::Digest::of(bytes), bytes.size()};
  add(blob.digest, blob.size, {.bytes = std::move(bytes)}, gathered);
  return blob;
}

/// What buildx says of a build; it belongs to no platform.
bool is_attestation(const oci::Descriptor& each) {
  return each.platform && each.platform->os == "unknown";
}

bool fits(const oci::Platform& wanted, const oci::Platform& there) {
  return wanted.os == there.os && wanted.architecture == there.architecture &&
         (wanted.variant.empty() || wanted.variant == there.variant);
}

class Gatherer {
 public:
  Gatherer(ImageSource& source, oci::FoundManifest root, const oci::Reference& reference,
           std::string written, Gathered& gathered)
      : source_(source), root_(std::move(root)), gathered_(gathered) {
    image_.reference = std::move(written);
    image_.source = reference.text();
    pinned_ = reference.digest.has_value();
  }

  awaitable<void> run(std::vector<oci::Platform> platforms) {
    if (oci::is_index(root_.media_type)) co_await choose(platforms);
    image_.digest = root_.digest;
    image_.media_type = root_.media_type;
    image_.size = root_.bytes.size();
    co_await take(std::move(root_), 0);
    if (!platforms.empty() && image_.platforms.size() == 1) check_platform(platforms);
    std::ranges::sort(image_.platforms);
    auto twice = std::ranges::unique(image_.platforms);
    image_.platforms.erase(twice.begin(), twice.end());
    gathered_.contents.images.push_back(std::move(image_));
  }

 private:
  Failure wrong(std::string_view why) const {
    return Failure(Kind::invalid, fmt::format("image {}: {}", image_.reference, why));
  }

  /// Makes one platform of an index the image, if only one is wanted.
  awaitable<void> choose(const std::vector<oci::Platform>& platforms) {
    Result<oci::Index> index = oci::parse_index(root_.bytes, root_.media_type);
    if (!index) throw wrong(index.error().text);
    std::vector<oci::Descriptor> fitting, others;
    for (const oci::Descriptor& each : index->manifests) {
      if (!each.platform || is_attestation(each)) continue;
      const bool wanted = std::ranges::any_of(
          platforms, [&](const oci::Platform& p) { return fits(p, *each.platform); });
      (wanted ? fitting : others).push_back(each);
    }
    if (platforms.empty() || others.empty()) co_return;
    if (fitting.empty()) {
      throw wrong(fmt::format("it is not made for {}", platforms[0].text()));
    }
    if (pinned_) {
      gathered_.notes.push_back(
          fmt::format("image {}: its digest is that of an index, so all its platforms are packed",
                      image_.reference));
      co_return;
    }
    if (fitting.size() > 1) {
      gathered_.notes.push_back(fmt::format(
          "image {}: it is packed for all its platforms: an index of some of them would "
          "be another image",
          image_.reference));
      co_return;
    }
    auto chosen = co_await fetch(fitting[0]);
    root_ = std::move(chosen);
  }

  awaitable<oci::FoundManifest> fetch(oci::Descriptor what) {
    const std::uint64_t size = what.size;
    oci::FoundManifest found = co_await source_.manifest(std::move(what));
    if (found.bytes.size() != size)
      throw wrong(
          fmt::format("its manifest {} has another size than its index says", found.digest.text()));
    co_return found;
  }

  awaitable<void> take(oci::FoundManifest what, int depth) {
    if (depth > oci::deepest_index) throw wrong("indexes are nested too deep");
    if (oci::is_index(what.media_type)) {
      Result<oci::Index> index = oci::parse_index(what.bytes, what.media_type);
      if (!index) throw wrong(index.error().text);
      for (const oci::Descriptor& each : index->manifests) {
        auto found = co_await fetch(each);
        co_await take(std::move(found), depth + 1);
      }
    } else {
      Result<oci::Manifest> manifest = oci::parse_manifest(what.bytes, what.media_type);
      if (!manifest) throw wrong(manifest.error().text);
      for (const oci::Descriptor& layer : manifest->layers) {
        if (layer.foreign) {
          gathered_.notes.push_back(
              fmt::format("image {}: the layer {} is its owner's to hand out and is left out",
                          image_.reference, layer.digest.text()));
          continue;
        }
        add(layer.digest, layer.size, source_.layer(layer), gathered_);
      }
      co_await take_config(manifest->config);
    }
    add(what.digest, what.bytes.size(), {.bytes = std::move(what.bytes)}, gathered_);
  }

  /// It says for which platform the image is, and since when there is it.
  awaitable<void> take_config(oci::Descriptor config) {
    if (config.size > most_config) throw wrong("its config is larger than any is");
    std::string bytes = co_await source_.config(config);
    if (oci::Digest::of(bytes) != config.digest)
      throw wrong(fmt::format("{} gives a damaged config", source_.name()));
    if (Result<doc::Value> value = doc::parse_json(bytes, {.bytes = most_config}); value) {
      oci::Platform platform{
          .os = std::string(doc::find_string(*value, {"os"})),
          .architecture = std::string(doc::find_string(*value, {"architecture"})),
          .variant = std::string(doc::find_string(*value, {"variant"}))};
      if (!platform.os.empty()) image_.platforms.push_back(platform.text());
      // Dates of one form: the text's order is theirs.
      std::string_view created = doc::find_string(*value, {"created"});
      if (created.size() >= 20 && created > gathered_.newest) gathered_.newest = created;
    }
    add(config.digest, config.size, {.bytes = std::move(bytes)}, gathered_);
  }

  void check_platform(const std::vector<oci::Platform>& platforms) const {
    Result<oci::Platform> own = oci::Platform::parse(image_.platforms[0]);
    const bool wanted = own && std::ranges::any_of(platforms, [&](const oci::Platform& each) {
                          return fits(each, *own);
                        });
    if (!wanted)
      throw wrong(
          fmt::format("it is made for {}, not for {}", image_.platforms[0], platforms[0].text()));
  }

  ImageSource& source_;
  oci::FoundManifest root_;
  Gathered& gathered_;
  Image image_;
  bool pinned_ = false;
};

/// Size and digest of a file, with what stands before and after it.
Blob measure(const Origin& origin) {
  oci::Hasher hasher;
  std::uint64_t size = origin.bytes.size() + origin.rest.size();
  hasher.add(origin.bytes);
  std::ifstream file(origin.path, std::ios::binary);
  std::string buffer(1u << 20, '\0');
  while (file.read(buffer.data(), static_cast<std::streamsize>(buffer.size())) ||
         file.gcount() > 0) {
    const auto count = static_cast<std::size_t>(file.gcount());
    hasher.add(std::string_view(buffer).substr(0, count));
    size += count;
  }
  if (!file.is_open() || file.bad())
    throw Failure(Kind::invalid,
                  fmt::format("read {}: it cannot be read", raykeep::quoted(origin.path)));
  hasher.add(origin.rest);
  return {hasher.finish(), size};
}

}  // namespace

awaitable<void> gather_image(oci::Registries& registries, std::string reference,
                             std::vector<oci::Platform> platforms, Gathered& gathered) {
  Result<oci::Reference> parsed = oci::Reference::parse(reference);
  if (!parsed) throw Failure(Kind::invalid, "image " + parsed.error().text);
  oci::Found found = co_await registries.find(*parsed);
  const std::unique_ptr<ImageSource> source =
      source_of(*found.registry, std::move(found.repository));
  Gatherer gatherer(*source, std::move(found.manifest), *parsed, std::move(reference), gathered);
  co_await gatherer.run(std::move(platforms));
}

awaitable<void> gather_archived(LocalArchive archive, const oci::ArchivedImage& image,
                                std::string reference, std::vector<oci::Platform> platforms,
                                Gathered& gathered) {
  Result<oci::Reference> parsed = oci::Reference::parse(reference);
  if (!parsed) throw Failure(Kind::invalid, "image " + parsed.error().text);
  for (const std::string& note : image.notes)
    gathered.notes.push_back(fmt::format("image {}: {}", reference, note));
  const std::unique_ptr<ImageSource> source = source_of(archive);
  oci::FoundManifest root{small_blob(archive, image.root.digest), image.root.media_type,
                          image.root.digest};
  Gatherer gatherer(*source, std::move(root), *parsed, std::move(reference), gathered);
  co_await gatherer.run(std::move(platforms));
}

void gather_file(File::Kind kind, const std::string& path, Gathered& gathered) {
  Origin origin{.path = path};
  const Blob blob = measure(origin);
  const std::string name = std::filesystem::path(path).filename();
  add(blob.digest, blob.size, std::move(origin), gathered);
  gathered.contents.files.push_back({kind, name, blob.digest, blob.size});
}

void gather_own_image(const std::string& reference, const std::string& path, Gathered& gathered) {
  Result<oci::Reference> parsed = oci::Reference::parse(reference);
  if (!parsed) throw Failure(Kind::invalid, "image " + parsed.error().text);
  std::error_code wrong;
  const std::uint64_t size = std::filesystem::file_size(path, wrong);
  if (wrong) throw Failure(Kind::invalid, fmt::format("read {}: {}", path, wrong.message()));
  Origin layer{.bytes = tar_header("raykeep", size, 0755), .path = path};
  layer.rest.assign((tar_block - size % tar_block) % tar_block + 2 * tar_block, '\0');
  const Blob blob = measure(layer);
  add(blob.digest, blob.size, std::move(layer), gathered);
#if defined(__aarch64__)
  constexpr const char* architecture = "arm64";
#else
  constexpr const char* architecture = "amd64";
#endif
  const Blob config = add_bytes(
      doc::write_json(doc::Object{
          {"architecture", architecture},
          {"os", "linux"},
          {"config", doc::Object{{"User", "65532"}, {"Entrypoint", doc::Array{"/raykeep"}}}},
          {"rootfs",
           doc::Object{{"type", "layers"}, {"diff_ids", doc::Array{blob.digest.text()}}}}}),
      gathered);
  auto described = [](std::string_view type, const Blob& what) {
    return doc::Object{{"mediaType", type}, {"digest", what.digest.text()}, {"size", what.size}};
  };
  const Blob manifest = add_bytes(
      doc::write_json(doc::Object{{"schemaVersion", 2},
                                  {"mediaType", oci::manifest_type},
                                  {"config", described(oci::config_type, config)},
                                  {"layers", doc::Array{described(oci::layer_type, blob)}}}),
      gathered);
  gathered.contents.images.push_back({.reference = reference,
                                      .source = parsed->text(),
                                      .digest = manifest.digest,
                                      .media_type = std::string(oci::manifest_type),
                                      .size = manifest.size,
                                      .platforms = {fmt::format("linux/{}", architecture)}});
}

}  // namespace raykeep::bundle
