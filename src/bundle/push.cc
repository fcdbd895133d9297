#include "bundle/push.h"

#include <algorithm>
#include <deque>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "net/pool.h"

namespace raykeep::bundle {
namespace {

/// One blob, and every repository that wants it.
struct Wanted {
  Blob blob;
  bool absent = false;  // not in this bundle: the registry must have it
  std::vector<std::string> repositories;
};

struct Planned {
  PushTarget target;
  std::vector<ImagePart> manifests;  // children first
};

class Pushing {
 public:
  Pushing(const Bundle& bundle, oci::Registry& registry, PushOptions options)
      : bundle_(bundle), registry_(registry), options_(std::move(options)) {}

  awaitable<Pushed> run(std::vector<PushTarget> targets) {
    std::deque<net::Job> jobs;
    for (PushTarget& each : targets) {
      auto planned = std::make_shared<Planned>(Planned{std::move(each), {}});
      jobs.push_back([this, planned] { return look(planned); });
    }
    co_await all(std::move(jobs));
    std::vector<Wanted*> queue;
    for (auto& [digest, wanted] : wanted_) queue.push_back(&wanted);
    std::ranges::stable_sort(queue, std::ranges::greater(),
                             [](const Wanted* each) { return each->blob.size; });
    for (Wanted* each : queue) jobs.push_back([this, each] { return bring(*each); });
    co_await all(std::move(jobs));
    for (const std::shared_ptr<Planned>& each : planned_)
      jobs.push_back([this, each] { return name(each); });
    co_await all(std::move(jobs));
    co_return made_;
  }

 private:
  awaitable<void> all(std::deque<net::Job> jobs) {
    std::deque<net::Job> guarded;
    for (net::Job& job : jobs)
      guarded.push_back([this, job = std::move(job)] { return guard(job); });
    co_await net::do_all(std::move(guarded), options_.at_once);
    if (problem_) std::rethrow_exception(problem_);
  }

  awaitable<void> guard(net::Job job) {
    if (problem_) co_return;
    try {
      co_await job();
    } catch (...) {
      if (!problem_) problem_ = std::current_exception();
    }
  }

  /// Notes what an image needs, unless the repository has it under its digest already: a registry
  /// takes a manifest only with all that it names.
  awaitable<void> look(std::shared_ptr<Planned> planned) {
    const PushTarget& target = planned->target;
    const Image& image = *target.image;
    const bool there = co_await registry_.has_manifest(target.repository, image.digest);
    const bool root_is_here = bundle_.has(image.digest);
    if (!there && !root_is_here) throw missing(image.digest, target.repository);
    if (there) {
      ++made_.images_there;
      if (!root_is_here || target.tag.empty()) co_return;
    }
    for (ImagePart& part : parts_of(bundle_, image)) {
      if (part.is_manifest) {
        planned->manifests.push_back(std::move(part));
      } else if (!there) {
        const Blob blob{part.descriptor.digest, part.descriptor.size};
        Wanted& wanted = wanted_.try_emplace(blob.digest, Wanted{blob, false, {}}).first->second;
        wanted.absent = !bundle_.has(blob.digest);
        if (std::ranges::find(wanted.repositories, target.repository) == wanted.repositories.end())
          wanted.repositories.push_back(target.repository);
      }
    }
    // Its manifest alone bears the tag, then.
    if (there) planned->manifests = {std::move(planned->manifests.back())};
    planned_.push_back(std::move(planned));
  }

  Failure missing(const oci::Digest& digest, const std::string& repository) const {
    return Failure(
        Failure::Kind::invalid,
        fmt::format("push to {}: {} is not in this bundle, and {} does not have it: push "
                    "the bundle that this one adds to first",
                    registry_.host(), digest.text(), repository));
  }

  awaitable<void> bring(Wanted& wanted) {
    const Blob& blob = wanted.blob;
    std::string from;
    std::vector<std::string> lacking;
    for (const std::string& repository : wanted.repositories) {
      const auto there = co_await registry_.find_blob(repository, blob.digest);
      if (there) {
        from = repository;
        made_.there += blob.size;
      } else {
        lacking.push_back(repository);
      }
    }
    for (const std::string& repository : lacking) {
      if (!from.empty()) {
        const bool mounted = co_await registry_.mount(repository, blob.digest, from);
        if (mounted) {
          made_.there += blob.size;
          continue;
        }
      }
      if (wanted.absent) throw missing(blob.digest, repository);
      co_await send(blob, repository);
      from = repository;
    }
  }

  awaitable<void> send(const Blob& blob, const std::string& repository) {
    const Piece& piece = piece_of(bundle_.layout(), blob.digest);
    auto reader = [this, offset = piece.offset](std::uint64_t at, char* data, std::size_t size) {
      bundle_.source().read(offset + at, data, size);
    };
    const std::uint64_t wasted =
        co_await registry_.upload(repository, blob.digest, blob.size, std::move(reader),
                                  {.chunk = options_.chunk, .progress = options_.progress});
    made_.sent += blob.size + wasted;
    made_.wasted += wasted;
  }

  /// Puts the manifests of one image, children first, the tag last.
  awaitable<void> name(std::shared_ptr<Planned> planned) {
    const PushTarget& target = planned->target;
    for (const ImagePart& part : planned->manifests) {
      const oci::Descriptor& what = part.descriptor;
      const bool is_root = what.digest == target.image->digest;
      co_await registry_.put_manifest(
          target.repository, is_root && !target.tag.empty() ? target.tag : what.digest.text(),
          bundle_.read_blob(what.digest, oci::most_manifest_bytes), what.media_type);
    }
  }

  const Bundle& bundle_;
  oci::Registry& registry_;
  const PushOptions options_;
  std::map<oci::Digest, Wanted> wanted_;
  std::vector<std::shared_ptr<Planned>> planned_;
  std::exception_ptr problem_;
  Pushed made_;
};

}  // namespace

awaitable<Pushed> push(const Bundle& bundle, oci::Registry& registry,
                       std::vector<PushTarget> targets, PushOptions options) {
  Pushing pushing(bundle, registry, std::move(options));
  auto made = co_await pushing.run(std::move(targets));
  co_return made;
}

}  // namespace raykeep::bundle
