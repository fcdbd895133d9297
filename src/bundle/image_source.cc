#include "bundle/image_source.h"

#include <algorithm>
#include <span>

#include <fmt/format.h>

#include "base/text.h"

namespace raykeep::bundle {
namespace {

using Kind = Failure::Kind;

class RegistrySource final : public ImageSource {
 public:
  RegistrySource(oci::Registry& registry, std::string repository)
      : registry_(registry), repository_(std::move(repository)) {}

  std::string name() const override { return registry_.host(); }

  awaitable<oci::FoundManifest> manifest(oci::Descriptor what) override {
    std::optional<oci::FoundManifest> found =
        co_await registry_.find_manifest(repository_, what.digest.text());
    if (!found)
      throw Failure(Kind::invalid, fmt::format("{} does not have its manifest {}", registry_.host(),
                                               what.digest.text()));
    co_return std::move(*found);
  }

  awaitable<std::string> config(oci::Descriptor what) override {
    std::unique_ptr<oci::BlobStream> stream =
        co_await registry_.open_blob(repository_, what.digest, 0);
    std::string bytes;
    for (;;) {
      std::optional<std::string> piece = co_await stream->read();
      if (!piece) break;
      bytes += *piece;
      if (bytes.size() > what.size) break;
    }
    co_return bytes;
  }

  Origin layer(const oci::Descriptor&) const override {
    return {.registry = &registry_, .repository = repository_};
  }

 private:
  oci::Registry& registry_;
  std::string repository_;
};

class ArchiveSource final : public ImageSource {
 public:
  explicit ArchiveSource(LocalArchive archive) : archive_(std::move(archive)) {}

  std::string name() const override { return archive_.file->path(); }

  awaitable<oci::FoundManifest> manifest(oci::Descriptor what) override {
    co_return oci::FoundManifest{small_blob(archive_, what.digest), what.media_type, what.digest};
  }
  awaitable<std::string> config(oci::Descriptor what) override {
    co_return small_blob(archive_, what.digest);
  }
  Origin layer(const oci::Descriptor& what) const override {
    if (archive_.images->size_of(what.digest) != what.size)
      throw Failure(Kind::invalid,
                    fmt::format("{} does not have the layer {}", name(), what.digest.text()));
    return {.archive = archive_};
  }

 private:
  LocalArchive archive_;
};

}  // namespace

std::unique_ptr<ImageSource> source_of(oci::Registry& registry, std::string repository) {
  return std::make_unique<RegistrySource>(registry, std::move(repository));
}

std::unique_ptr<ImageSource> source_of(LocalArchive archive) {
  return std::make_unique<ArchiveSource>(std::move(archive));
}

std::string small_blob(const LocalArchive& archive, const oci::Digest& digest) {
  Result<std::string> bytes = archive.images->small(digest);
  if (!bytes)
    throw Failure(Kind::invalid, fmt::format("read the images in {}: {}", archive.file->path(),
                                             bytes.error().text));
  return std::move(*bytes);
}

LocalArchive open_archive(const std::string& path) {
  auto file = std::make_shared<const Source>(path);
  auto read = [file](std::uint64_t offset, std::span<char> into) {
    const std::uint64_t left = offset < file->size() ? file->size() - offset : 0;
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(left, into.size()));
    file->read(offset, into.data(), count);
    return count;
  };
  Result<oci::Archive> images = oci::Archive::open(read, file->size());
  if (!images)
    throw Failure(Kind::invalid, fmt::format("read the images in {}: {}", raykeep::quoted(path),
                                             images.error().text));
  return {file, std::make_shared<const oci::Archive>(std::move(*images))};
}

}  // namespace raykeep::bundle
