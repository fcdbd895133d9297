#include "bundle/verify.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <thread>

#include <fmt/format.h>

namespace raykeep::bundle {
namespace {

constexpr std::size_t read_size = 256u << 10;  // fits the second-level cache

class Run {
 public:
  Run(const Bundle& bundle, const VerifyOptions& options) : bundle_(bundle), options_(options) {
    for (const Piece& each : bundle.layout().pieces) queue_.push_back(&each);
    // The largest first: one that comes last would be hashed while the others look on.
    std::ranges::stable_sort(queue_, std::ranges::greater(), &Piece::size);
  }

  std::vector<Damage> run() {
    unsigned count = options_.threads != 0 ? options_.threads : std::thread::hardware_concurrency();
    count = std::clamp<unsigned>(count, 1, 64);
    {
      std::vector<std::jthread> threads;
      for (unsigned i = 1; i < count; ++i) threads.emplace_back([this] { work(); });
      work();
    }
    std::ranges::sort(found_, {}, &Found::offset);
    std::vector<Damage> damage;
    for (Found& each : found_) damage.push_back(std::move(each.damage));
    return damage;
  }

 private:
  struct Found {
    std::uint64_t offset;
    Damage damage;
  };

  void work() {
    std::vector<char> buffer(read_size);
    for (std::size_t mine = next_++; mine < queue_.size(); mine = next_++)
      check(*queue_[mine], buffer);
  }

  void check(const Piece& piece, std::vector<char>& buffer) {
    try {
      const bool same = std::holds_alternative<Blob>(piece.what) ? is_blob(piece, buffer)
                                                                 : is_text(piece, buffer);
      if (!same) report(piece, piece.offset, "it is not what the contents list says");
    } catch (const Failure& failure) {
      report(piece, piece.offset, failure.what());
    }
  }

  /// Calls `take` with all of a piece.
  template <class Take>
  void read(const Piece& piece, std::vector<char>& buffer, const Take& take) {
    for (std::uint64_t done = 0; done < piece.size;) {
      const auto count =
          static_cast<std::size_t>(std::min<std::uint64_t>(buffer.size(), piece.size - done));
      bundle_.source().read(piece.offset + done, buffer.data(), count);
      take(std::string_view(buffer.data(), count), done);
      done += count;
      const std::uint64_t all = bytes_ += count;
      if (options_.progress) options_.progress(all);
    }
  }

  bool is_blob(const Piece& piece, std::vector<char>& buffer) {
    oci::Hasher hasher;
    read(piece, buffer, [&](std::string_view bytes, std::uint64_t) { hasher.add(bytes); });
    return hasher.finish() == std::get<Blob>(piece.what).digest;
  }

  bool is_text(const Piece& piece, std::vector<char>& buffer) {
    const std::string& wanted = std::get<std::string>(piece.what);
    bool same = true;
    read(piece, buffer, [&](std::string_view bytes, std::uint64_t at) {
      same = same && bytes == std::string_view(wanted).substr(at, bytes.size());
    });
    return same;
  }

  void report(const Piece& piece, std::uint64_t offset, std::string what) {
    const std::lock_guard lock(mutex_);
    found_.push_back(
        {offset, {piece.entry, bundle_.source().place_of(offset), std::move(what), {}}});
  }

  const Bundle& bundle_;
  const VerifyOptions& options_;
  std::vector<const Piece*> queue_;
  std::atomic<std::size_t> next_ = 0;
  std::atomic<std::uint64_t> bytes_ = 0;
  std::mutex mutex_;
  std::vector<Found> found_;
};

/// Whose a damaged blob is, as far as the manifests can be read.
void name_images(const Bundle& bundle, std::vector<Damage>& damage) {
  std::map<std::string, std::vector<std::string>> users;
  for (const Image& image : bundle.contents().images) {
    try {
      for (const ImagePart& part : parts_of(bundle, image))
        users[fmt::format("blobs/sha256/{}", part.descriptor.digest.hex())].push_back(
            image.reference);
    } catch (const Failure& failure) {
      const bool known = std::ranges::any_of(damage, [&](const Damage& each) {
        return std::string_view(failure.what()).contains(each.entry);
      });
      if (!known)
        damage.push_back({"image " + image.reference, "", failure.what(), {image.reference}});
    }
  }
  for (Damage& each : damage) {
    if (auto found = users.find(each.entry); found != users.end()) each.images = found->second;
  }
}

}  // namespace

std::vector<Damage> verify(const Bundle& bundle, const VerifyOptions& options) {
  std::vector<Damage> damage = Run(bundle, options).run();
  name_images(bundle, damage);
  return damage;
}

}  // namespace raykeep::bundle
