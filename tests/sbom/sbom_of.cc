// sbom_of ARCHIVE FOLDER: reads the first image of an archive and writes FOLDER/spdx.json and
// FOLDER/cyclonedx.json. Prints what there was of what, and how long it took.
#include <chrono>
#include <cstdio>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "oci/archive.h"
#include "oci/image_config.h"
#include "oci/manifest.h"
#include "sbom/document.h"
#include "sbom/inventory.h"

namespace {

using namespace raykeep;

template <class T>
T must(Result<T> result) {
  if (!result) throw Failure(Failure::Kind::invalid, result.error().text);
  return std::move(*result);
}

oci::Archive open(const char* path) {
  int file = ::open(path, O_RDONLY | O_CLOEXEC);
  struct stat about{};
  if (file < 0 || fstat(file, &about) != 0) {
    throw Failure(Failure::Kind::invalid, "cannot be opened");
  }
  auto read = [file](std::uint64_t offset, std::span<char> into) {
    std::size_t done = 0;
    while (done < into.size()) {
      ssize_t got =
          pread(file, into.data() + done, into.size() - done, static_cast<off_t>(offset + done));
      if (got <= 0) break;
      done += static_cast<std::size_t>(got);
    }
    return done;
  };
  return must(oci::Archive::open(read, static_cast<std::uint64_t>(about.st_size)));
}

oci::Pull pull_of(const oci::Archive& archive, const oci::Digest& digest) {
  return [&archive, digest, at = std::uint64_t{0},
          buffer = std::vector<char>(std::size_t{1} << 20)]() mutable {
    std::size_t got = archive.read(digest, at, buffer);
    at += got;
    return std::string_view(buffer.data(), got);
  };
}

void run(const char* path, const std::string& folder) {
  const oci::Archive archive = open(path);
  const oci::ArchivedImage& image = archive.images().front();
  oci::Descriptor root = image.root;
  if (oci::is_index(root.media_type)) {
    root =
        must(oci::parse_index(must(archive.small(root.digest)), root.media_type)).manifests.at(0);
  }
  const oci::Manifest manifest =
      must(oci::parse_manifest(must(archive.small(root.digest)), root.media_type));
  const oci::ImageConfig config =
      must(oci::parse_image_config(must(archive.small(manifest.config.digest))));
  std::vector<sbom::LayerSource> layers;
  for (const oci::Descriptor& layer : manifest.layers) {
    layers.push_back({layer.media_type, archive.size_of(layer.digest)
                                            ? pull_of(archive, layer.digest)
                                            : oci::Pull()});
  }
  const auto began = std::chrono::steady_clock::now();
  const sbom::Inventory inventory = sbom::take_inventory(layers);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  const sbom::Subject subject{.reference = image.reference,
                              .digest = root.digest,
                              .platform = config.platform,
                              .created = config.created.value_or(std::chrono::sys_seconds()),
                              .tool_version = "0.1.0"};
  std::ofstream(folder + "/spdx.json") << sbom::write_spdx(subject, inventory);
  std::ofstream(folder + "/cyclonedx.json") << sbom::write_cyclonedx(subject, inventory);
  fmt::print("{} packages, {} unknown programs, {} notes, {:.2f} s\n", inventory.packages.size(),
             inventory.unknown_count, inventory.notes.size(), took.count());
  for (const std::string& note : inventory.notes) fmt::print("note: {}\n", note);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  try {
    run(argv[1], argv[2]);
  } catch (const std::exception& wrong) {
    fmt::print(stderr, "{}: {}\n", argv[1], wrong.what());
    return 1;
  }
}
