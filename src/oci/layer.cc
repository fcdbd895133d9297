#include "oci/layer.h"

#include <algorithm>
#include <array>
#include <exception>
#include <utility>
#include <vector>

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

#include "base/error.h"
#include "base/text.h"

namespace raykeep::oci {
namespace {

enum class Packing { none, gzip, zstd };

// The smaller the piece, the less is unpacked before a limit is looked at.
constexpr std::size_t piece = std::size_t{64} << 10;

[[noreturn]] void refuse(const std::string& why) {
  throw Failure(Failure::Kind::invalid, "read the layer: " + why);
}

/// How a layer of this media type is packed.
Packing packing_of(std::string_view type) {
  using enum Packing;
  struct Known {
    std::string_view type;
    Packing packing;
  };
  static constexpr std::array known = {
      Known{"application/vnd.oci.image.layer.v1.tar", none},
      Known{"application/vnd.oci.image.layer.v1.tar+gzip", gzip},
      Known{"application/vnd.oci.image.layer.v1.tar+zstd", zstd},
      Known{"application/vnd.oci.image.layer.nondistributable.v1.tar", none},
      Known{"application/vnd.oci.image.layer.nondistributable.v1.tar+gzip", gzip},
      Known{"application/vnd.oci.image.layer.nondistributable.v1.tar+zstd", zstd},
      Known{"application/vnd.docker.image.rootfs.diff.tar", none},
      Known{"application/vnd.docker.image.rootfs.diff.tar.gzip", gzip},
      Known{"application/vnd.docker.image.rootfs.diff.tar.zstd", zstd},
      Known{"application/vnd.docker.image.rootfs.foreign.diff.tar", none},
      Known{"application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", gzip},
  };
  const auto* found = std::ranges::find(known, type, &Known::type);
  if (found == known.end()) refuse("its media type " + quoted(type) + " is no layer's");
  return found->packing;
}

Packing packing_by(std::string_view bytes) {
  if (bytes.starts_with("\x1f\x8b")) return Packing::gzip;
  // A frame of zstd, or one to be skipped (0x184D2A5?), with which zstd:chunked may begin.
  if (bytes.starts_with("\x28\xb5\x2f\xfd")) return Packing::zstd;
  if (bytes.size() >= 4 && (bytes[0] & 0xf0) == 0x50 && bytes.substr(1, 3) == "\x2a\x4d\x18") {
    return Packing::zstd;
  }
  return Packing::none;
}

std::string_view name_of(Packing packing) {
  switch (packing) {
    case Packing::gzip:
      return "gzip";
    case Packing::zstd:
      return "zstd";
    case Packing::none:
      break;
  }
  return "nothing";
}

}  // namespace

std::string layer_path(std::string_view path) {
  std::string made;
  made.reserve(path.size());
  while (!path.empty()) {
    std::string_view step = path.substr(0, path.find('/'));
    path.remove_prefix(std::min(step.size() + 1, path.size()));
    if (step.empty() || step == ".") continue;
    if (step == "..") refuse("an entry's path leaves the folder it is in");
    if (!made.empty()) made += '/';
    made += step;
  }
  return made;
}

class LayerReader::Stream {
 public:
  Stream(Pull pull, std::string_view media_type, LayerLimits limits)
      : pull_(std::move(pull)), limits_(limits), buffer_(piece) {
    const Packing packing = packing_of(media_type);
    while (first_.size() < 4) {
      std::string_view more = pull_();
      if (more.empty()) break;
      first_ += more;
    }
    rest_ = first_;
    if (Packing found = packing_by(rest_); found != packing) {
      refuse(fmt::format("by its media type {} it is packed with {}, by its bytes with {}",
                         media_type, name_of(packing), name_of(found)));
    }
    layers_of_packing_ = packing == Packing::none ? 1 : 2;
    archive_.reset(archive_read_new());
    if (!archive_) throw std::bad_alloc();
    archive_read_support_format_tar(archive_.get());
    if (packing == Packing::gzip) archive_read_support_filter_gzip(archive_.get());
    if (packing == Packing::zstd) archive_read_support_filter_zstd(archive_.get());
    must(archive_read_open(archive_.get(), this, nullptr, read, nullptr));
    if (archive_filter_count(archive_.get()) != layers_of_packing_) {
      refuse("it is packed twice, or not as it begins");
    }
  }

  const LayerEntry* next() {
    for (;;) {
      archive_entry* header = nullptr;
      int result = archive_read_next_header(archive_.get(), &header);
      if (result == ARCHIVE_EOF) {
        rethrow();
        while (!pull_().empty()) {
        }
        return nullptr;
      }
      must(result);
      if (++entries_ > limits_.entries) {
        refuse(fmt::format("it has more than {} entries", limits_.entries));
      }
      take(header);
      // Before its content is read or skipped, so that neither takes longer than it may.
      if (entry_.size > limits_.unpacked || unpacked() > limits_.unpacked - entry_.size) {
        refuse(fmt::format("it unpacks to more than {} bytes", limits_.unpacked));
      }
      if (!entry_.path.empty()) return &entry_;  // else it is the root itself
    }
  }

  std::string_view content() {
    la_ssize_t size = archive_read_data(archive_.get(), buffer_.data(), buffer_.size());
    if (size < 0) must(static_cast<int>(size));
    if (unpacked() > limits_.unpacked) {
      refuse(fmt::format("it unpacks to more than {} bytes", limits_.unpacked));
    }
    return {buffer_.data(), static_cast<std::size_t>(size)};
  }

 private:
  struct Free {
    void operator()(archive* it) const { archive_read_free(it); }
  };

  /// libarchive's way to more bytes. It is C: nothing may be thrown through it.
  static la_ssize_t read(archive*, void* self, const void** bytes) {
    auto& stream = *static_cast<Stream*>(self);
    try {
      if (stream.rest_.empty()) stream.rest_ = stream.pull_();
      std::string_view given = stream.rest_.substr(0, piece);
      stream.rest_.remove_prefix(given.size());
      *bytes = given.data();
      return static_cast<la_ssize_t>(given.size());
    } catch (...) {
      stream.thrown_ = std::current_exception();
      return ARCHIVE_FATAL;
    }
  }

  void rethrow() {
    if (thrown_) std::rethrow_exception(std::exchange(thrown_, nullptr));
  }

  /// A warning is only ever of a name that is not UTF-8, or that this process' locale cannot say:
  /// it is given as the bytes it is.
  void must(int result) {
    if (result == ARCHIVE_OK || result == ARCHIVE_WARN) return;
    rethrow();
    const char* why = archive_error_string(archive_.get());
    refuse(why == nullptr ? std::string("it is broken") : harmless(why));
  }

  std::uint64_t unpacked() {
    return static_cast<std::uint64_t>(archive_filter_bytes(archive_.get(), 0));
  }

  void take(archive_entry* header) {
    entry_ = {};
    entry_.path = layer_path(bounded(archive_entry_pathname(header)));
    entry_.mode = static_cast<unsigned>(archive_entry_perm(header));
    if (const char* link = archive_entry_hardlink(header)) {
      entry_.type = LayerEntry::Type::hard_link;
      entry_.target = layer_path(bounded(link));
      return;
    }
    switch (archive_entry_filetype(header)) {
      case AE_IFREG:
        entry_.type = LayerEntry::Type::file;
        entry_.size =
            static_cast<std::uint64_t>(std::max<la_int64_t>(archive_entry_size(header), 0));
        break;
      case AE_IFDIR:
        entry_.type = LayerEntry::Type::directory;
        break;
      case AE_IFLNK:
        entry_.type = LayerEntry::Type::symlink;
        entry_.target = bounded(archive_entry_symlink(header));
        break;
      default:
        entry_.type = LayerEntry::Type::other;
        break;
    }
  }

  std::string_view bounded(const char* text) const {
    std::string_view view = text == nullptr ? std::string_view() : std::string_view(text);
    if (view.size() > limits_.path) {
      refuse(fmt::format("an entry's path has more than {} bytes", limits_.path));
    }
    return view;
  }

  Pull pull_;
  LayerLimits limits_;
  std::vector<char> buffer_;
  std::string first_ = {};
  std::string_view rest_ = {};
  std::exception_ptr thrown_ = {};
  std::unique_ptr<archive, Free> archive_ = {};
  int layers_of_packing_ = 1;
  std::uint64_t entries_ = 0;
  LayerEntry entry_ = {};
};

LayerReader::LayerReader(Pull pull, std::string_view media_type, LayerLimits limits)
    : stream_(std::make_unique<Stream>(std::move(pull), media_type, limits)) {}
LayerReader::~LayerReader() = default;
LayerReader::LayerReader(LayerReader&&) noexcept = default;
LayerReader& LayerReader::operator=(LayerReader&&) noexcept = default;

const LayerEntry* LayerReader::next() { return stream_->next(); }
std::string_view LayerReader::content() { return stream_->content(); }

}  // namespace raykeep::oci
