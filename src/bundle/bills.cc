#include "bundle/bills.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>

#include <fmt/format.h>

#include "base/moment.h"
#include "oci/image_config.h"
#include "oci/manifest.h"
#include "sbom/document.h"
#include "sbom/inventory.h"

namespace raykeep::bundle {
namespace {

constexpr std::size_t piece_size = 256u << 10;

/// "raykeep 0.1.0" -> "0.1.0".
std::string_view version_of(std::string_view made_by) {
  return made_by.substr(made_by.rfind(' ') + 1);
}

/// To the second; the beginning of 1970 for what is no moment. The zone that a text may have is not
/// looked at.
WallTime created_of(const std::string& text) {
  return parse_time(text.substr(0, std::string_view("0000-00-00T00:00:00").size()) + 'Z')
      .value_or(WallTime());
}

/// One platform of one image.
struct Task {
  Image* image;
  oci::Manifest manifest;
  oci::Digest digest;  // of the manifest
};

class Maker {
 public:
  Maker(Contents& contents, const ReadBlob& read) : contents_(contents), read_(read) {}

  std::map<oci::Digest, std::string> run() {
    for (Image& each : contents_.images)
      collect(each, {.media_type = each.media_type, .digest = each.digest, .size = each.size}, 0);
    {
      std::vector<std::jthread> threads;
      const std::size_t count =
          std::min<std::size_t>(tasks_.size(), std::max(1u, std::thread::hardware_concurrency()));
      for (std::size_t i = 1; i < count; ++i) threads.emplace_back([this] { work(); });
      work();
    }
    if (problem_) std::rethrow_exception(problem_);
    normalise(contents_);
    return std::move(bytes_);
  }

 private:
  bool is_here(const oci::Descriptor& blob) const {
    return find_blob(contents_.blobs, blob.digest) != nullptr;
  }

  std::string whole(const oci::Descriptor& blob) const {
    std::string bytes(
        static_cast<std::size_t>(std::min<std::uint64_t>(blob.size, oci::most_manifest_bytes)),
        '\0');
    read_(blob.digest, 0, bytes.data(), bytes.size());
    return bytes;
  }

  void collect(Image& image, const oci::Descriptor& what, int depth) {
    if (!is_here(what) || depth > oci::deepest_index) return;
    if (oci::is_index(what.media_type)) {
      Result<oci::Index> index = oci::parse_index(whole(what), what.media_type);
      if (!index) return;
      for (const oci::Descriptor& each : index->manifests) {
        const bool of_a_platform = each.platform && each.platform->os != "unknown";
        if (of_a_platform || !each.platform) collect(image, each, depth + 1);
      }
      return;
    }
    Result<oci::Manifest> manifest = oci::parse_manifest(whole(what), what.media_type);
    if (!manifest || !std::ranges::all_of(manifest->layers, [&](const oci::Descriptor& each) {
          return is_here(each);
        }))
      return;
    tasks_.push_back({&image, std::move(*manifest), what.digest});
  }

  void work() {
    for (std::size_t mine = next_++; mine < tasks_.size(); mine = next_++) {
      try {
        if (is_image(tasks_[mine].manifest)) make(tasks_[mine]);
      } catch (...) {
        const std::lock_guard lock(mutex_);
        if (!problem_) problem_ = std::current_exception();
      }
    }
  }

  /// Artifacts (a chart, a model) have layers that are no file systems.
  static bool is_image(const oci::Manifest& manifest) {
    return manifest.config.media_type == oci::config_type ||
           manifest.config.media_type == "application/vnd.docker.container.image.v1+json";
  }

  /// The bytes of one layer, from where they lie.
  oci::Pull pull_of(const oci::Descriptor& layer) const {
    return [this, layer, at = std::uint64_t{0},
            buffer = std::string(piece_size, '\0')]() mutable -> std::string_view {
      const auto count =
          static_cast<std::size_t>(std::min<std::uint64_t>(buffer.size(), layer.size - at));
      if (count > 0) read_(layer.digest, at, buffer.data(), count);
      at += count;
      return std::string_view(buffer).substr(0, count);
    };
  }

  /// An image whose layers are not what they say is carried all the same, and its bill says so.
  sbom::Inventory inventory_of(const Task& task) const {
    std::vector<sbom::LayerSource> layers;
    for (const oci::Descriptor& layer : task.manifest.layers)
      layers.push_back({layer.media_type, pull_of(layer)});
    try {
      return sbom::take_inventory(layers);
    } catch (const Failure& failure) {
      if (failure.kind() != Failure::Kind::invalid) throw;
      return {.notes = {fmt::format("no package was read: {}", failure.what())}};
    }
  }

  void make(const Task& task) {
    Result<oci::ImageConfig> config = oci::parse_image_config(whole(task.manifest.config));
    const sbom::Subject subject{.reference = task.image->source,
                                .digest = task.digest,
                                .platform = config ? config->platform : oci::Platform(),
                                .created = created_of(contents_.created),
                                .tool_version = std::string(version_of(contents_.made_by))};
    const sbom::Inventory inventory = inventory_of(task);
    keep(task, subject.platform.os.empty() ? "unknown" : subject.platform.text(),
         sbom::write_spdx(subject, inventory), sbom::write_cyclonedx(subject, inventory));
  }

  void keep(const Task& task, const std::string& platform, std::string spdx,
            std::string cyclonedx) {
    const std::lock_guard lock(mutex_);
    auto add = [&](std::string bytes) {
      const oci::Digest digest = oci::Digest::of(bytes);
      contents_.made.push_back({digest, bytes.size()});
      bytes_.emplace(digest, std::move(bytes));
      return digest;
    };
    const oci::Digest first = add(std::move(spdx)), second = add(std::move(cyclonedx));
    task.image->bills.push_back({platform, first, second});
  }

  Contents& contents_;
  const ReadBlob& read_;
  std::vector<Task> tasks_;
  std::atomic<std::size_t> next_ = 0;
  std::mutex mutex_;
  std::exception_ptr problem_;
  std::map<oci::Digest, std::string> bytes_;
};

}  // namespace

std::map<oci::Digest, std::string> make_bills(Contents& contents, const ReadBlob& read) {
  return Maker(contents, read).run();
}

}  // namespace raykeep::bundle
