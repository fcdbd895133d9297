#include "bundle/create.h"

#include <algorithm>
#include <deque>
#include <fstream>
#include <map>
#include <span>

#include <fmt/format.h>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/text.h"
#include "bundle/bills.h"
#include "bundle/layout.h"
#include "net/pool.h"

namespace raykeep::bundle {
namespace {

using Kind = Failure::Kind;
constexpr std::size_t buffer_size = 1u << 20;
// For contents list and signature, when the room on the disk is looked at.
constexpr std::uint64_t room_for_the_rest = 1u << 20;

class Creation {
 public:
  Creation(Gathered gathered, CreateOptions options)
      : gathered_(normalised(std::move(gathered))),
        options_(std::move(options)),
        layout_(layout_of_blobs(gathered_.contents)),
        target_(options_.path, layout_.size + room_for_the_rest) {}

  awaitable<Created> run() {
    std::deque<net::Job> jobs;
    for (const Piece* piece : largest_first())
      jobs.push_back([this, piece] { return bring(*piece); });
    co_await net::do_all(std::move(jobs), options_.at_once);
    if (problem_) std::rethrow_exception(problem_);
    finish();
    co_return std::move(made_);
  }

 private:
  static Gathered normalised(Gathered gathered) {
    normalise(gathered.contents);
    return gathered;
  }

  std::vector<const Piece*> largest_first() const {
    std::vector<const Piece*> blobs;
    for (const Piece& each : layout_.pieces) {
      if (std::holds_alternative<Blob>(each.what)) blobs.push_back(&each);
    }
    std::ranges::stable_sort(blobs, std::ranges::greater(), &Piece::size);
    return blobs;
  }

  awaitable<void> bring(const Piece& piece) {
    if (problem_) co_return;
    try {
      const Blob& blob = std::get<Blob>(piece.what);
      const Origin& origin = gathered_.origins.at(blob.digest);
      if (origin.registry == nullptr)
        copy(piece, origin);
      else
        co_await fetch(piece, origin);
    } catch (...) {
      if (!problem_) problem_ = std::current_exception();
    }
  }

  /// From this machine.
  void copy(const Piece& piece, const Origin& origin) {
    oci::Hasher hasher;
    std::uint64_t at = piece.offset;
    auto put = [&](std::string_view bytes) {
      if (bytes.size() > piece.offset + piece.size - at) throw changed(origin);
      hasher.add(bytes);
      target_.write(at, bytes);
      at += bytes.size();
    };
    put(origin.bytes);
    if (origin.archive.images) {
      std::string buffer(buffer_size, '\0');
      for (std::uint64_t done = 0; done < piece.size;) {
        const std::size_t count = origin.archive.images->read(
            std::get<Blob>(piece.what).digest, done, std::span(buffer.data(), buffer.size()));
        if (count == 0) throw changed(origin);
        put(std::string_view(buffer).substr(0, count));
        done += count;
      }
    } else if (!origin.path.empty()) {
      std::ifstream file(origin.path, std::ios::binary);
      std::string buffer(buffer_size, '\0');
      while (file.read(buffer.data(), static_cast<std::streamsize>(buffer.size())) ||
             file.gcount() > 0)
        put(std::string_view(buffer).substr(0, static_cast<std::size_t>(file.gcount())));
      put(origin.rest);
    }
    if (hasher.finish() != std::get<Blob>(piece.what).digest) throw changed(origin);
  }

  static Failure changed(const Origin& origin) {
    const std::string& path = origin.archive.file ? origin.archive.file->path() : origin.path;
    return Failure(
        Kind::invalid,
        fmt::format("read {}: its bytes are not those of their digest: it is damaged, or "
                    "was changed meanwhile",
                    raykeep::quoted(path)));
  }

  awaitable<void> fetch(const Piece& piece, const Origin& origin) {
    const Blob& blob = std::get<Blob>(piece.what);
    std::uint64_t done = target_.written_from(piece.offset, piece.size);
    oci::Hasher hasher;
    hash_written(piece, done, hasher);
    const std::uint64_t earlier = done;
    made_.kept += earlier;
    bool trusted = earlier == 0;  // what an earlier run has left may be anything
    for (int tried = 0;;) {
      std::string why;
      try {
        if (done < piece.size) co_await read_on(piece, origin, done, hasher);
        if (hasher.finish() == blob.digest) co_return;
        if (trusted) {
          throw Failure(
              Kind::invalid,
              fmt::format("get the blob {} of {}: {} gives other bytes than its digest's",
                          blob.digest.text(), origin.repository, origin.registry->host()));
        }
        trusted = true;
        made_.kept -= earlier;
        done = 0;
        continue;
      } catch (const Failure& failure) {
        if (!failure.passes() || ++tried >= options_.tries || problem_) throw;
      }
      boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor,
                                      std::chrono::milliseconds(250) * (1 << tried));
      co_await timer.async_wait(boost::asio::use_awaitable);
    }
  }

  void hash_written(const Piece& piece, std::uint64_t size, oci::Hasher& hasher) const {
    std::string buffer(static_cast<std::size_t>(std::min<std::uint64_t>(buffer_size, size)), '\0');
    for (std::uint64_t at = 0; at < size;) {
      const auto count =
          static_cast<std::size_t>(std::min<std::uint64_t>(buffer.size(), size - at));
      target_.read(piece.offset + at, buffer.data(), count);
      hasher.add(std::string_view(buffer).substr(0, count));
      at += count;
    }
  }

  /// Reads and writes from `done` on, to the blob's end.
  awaitable<void> read_on(const Piece& piece, const Origin& origin, std::uint64_t& done,
                          oci::Hasher& hasher) {
    const Blob& blob = std::get<Blob>(piece.what);
    std::unique_ptr<oci::BlobStream> stream =
        co_await origin.registry->open_blob(origin.repository, blob.digest, done);
    std::uint64_t at = stream->offset();  // 0, or where we are
    while (at < piece.size) {
      std::optional<std::string> bytes = co_await stream->read();
      if (problem_) co_return;
      if (!bytes) break;
      made_.fetched += bytes->size();
      if (options_.progress) options_.progress(bytes->size());
      if (bytes->size() > piece.size - at) throw too_long(blob, origin);
      std::string_view fresh = *bytes;
      const std::uint64_t known = done > at ? std::min<std::uint64_t>(done - at, fresh.size()) : 0;
      at += fresh.size();
      fresh.remove_prefix(known);
      target_.write(at - fresh.size() + piece.offset, fresh);
      hasher.add(fresh);
      done = std::max(done, at);
    }
    if (at < piece.size)
      throw Failure(Kind::disconnected,
                    fmt::format("get the blob {} of {}: {} ended it too early", blob.digest.text(),
                                origin.repository, origin.registry->host()));
    std::optional<std::string> more = co_await stream->read();
    if (more) throw too_long(blob, origin);
  }

  static Failure too_long(const Blob& blob, const Origin& origin) {
    return Failure(Kind::invalid,
                   fmt::format("get the blob {} of {}: {} gives more bytes than it has",
                               blob.digest.text(), origin.repository, origin.registry->host()));
  }

  void finish() {
    std::map<oci::Digest, std::string> bills;
    if (options_.bills) {
      bills = make_bills(gathered_.contents, [this](const oci::Digest& blob, std::uint64_t offset,
                                                    char* data, std::size_t size) {
        target_.read(piece_of(layout_, blob).offset + offset, data, size);
      });
    }
    const std::string list = write_contents(gathered_.contents);
    // What was written must be readable: better here than behind the gap.
    if (Result<Contents> read = parse_contents(list); !read)
      throw Failure(Kind::invalid, read.error().text);
    const std::string signature = options_.key == nullptr ? "" : options_.key->sign(list);
    const Layout whole = layout_of(gathered_.contents, list, signature);
    for (const Piece& piece : whole.pieces) {
      if (const std::string* bytes = std::get_if<std::string>(&piece.what))
        target_.write(piece.offset, *bytes);
      else if (auto bill = bills.find(std::get<Blob>(piece.what).digest); bill != bills.end())
        target_.write(piece.offset, bill->second);
    }
    made_.paths = target_.finish(whole.size, options_.part_size);
    made_.size = whole.size;
    made_.contents_digest = oci::Digest::of(list);
  }

  Gathered gathered_;
  const CreateOptions options_;
  const Layout layout_;
  Target target_;
  std::exception_ptr problem_;
  Created made_;
};

}  // namespace

awaitable<Created> create(Gathered gathered, CreateOptions options) {
  Creation creation(std::move(gathered), std::move(options));
  auto made = co_await creation.run();
  co_return made;
}

}  // namespace raykeep::bundle
