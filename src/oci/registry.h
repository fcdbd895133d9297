// One registry, by the OCI distribution-spec v1.1: manifests and blobs of its repositories, read
// and written. Not thread-safe; any number of coroutines may use it at once.
//
// Every method throws Failure: denied when the registry knows us and says no, disconnected or
// overloaded when it stays away longer than our patience, invalid when it answers nonsense or bytes
// that are not those of their digest.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "oci/manifest.h"
#include "oci/session.h"

namespace raykeep::oci {

struct FoundManifest {
  std::string bytes;
  std::string media_type;
  Digest digest;
};

/// A blob on its way here. Its bytes are not compared with its digest: the reader does.
class BlobStream {
 public:
  BlobStream(std::unique_ptr<net::Answer> answer, std::uint64_t offset, const Session& session);
  /// Where the first byte belongs: what was asked for, or 0 where the registry gives whole blobs
  /// only.
  std::uint64_t offset() const { return offset_; }
  /// The next piece, never empty; nothing at the end.
  awaitable<std::optional<std::string>> read();

 private:
  std::unique_ptr<net::Answer> answer_;
  std::uint64_t offset_;
  const Session& session_;
};

/// Gives bytes of a blob that is sent: exactly `size`, from `offset` on. May throw Failure.
using BlobReader = std::function<void(std::uint64_t offset, char* data, std::size_t size)>;

struct UploadOptions {
  /// 0: the whole blob in one request, as docker does. Otherwise pieces of so many bytes, for what
  /// takes no large bodies; each can be sent again by itself.
  std::uint64_t chunk = 0;
  std::function<void(std::uint64_t)> progress = {};  // called with bytes that went out
};

class Registry {
 public:
  Registry(boost::asio::any_io_executor executor, RegistryOptions options, const Clock& clock)
      : session_(std::move(executor), std::move(options), clock) {}

  /// By tag or digest; nothing where there is none. A digest is compared with the bytes.
  awaitable<std::optional<FoundManifest>> find_manifest(std::string repository, std::string wanted);
  awaitable<bool> has_manifest(std::string repository, Digest digest);
  awaitable<void> put_manifest(std::string repository, std::string tag_or_digest, std::string bytes,
                               std::string media_type);

  /// Its size; nothing where the repository does not have it.
  awaitable<std::optional<std::uint64_t>> find_blob(std::string repository, Digest digest);

  /// From `offset` on, if the registry can. Throws Failure::invalid where there is none.
  awaitable<std::unique_ptr<BlobStream>> open_blob(std::string repository, Digest digest,
                                                   std::uint64_t offset);

  /// Makes the blob of another repository one of this, too. False when the registry does not.
  awaitable<bool> mount(std::string repository, Digest digest, std::string from);

  /// Sends a blob, and goes on where it was when a connection breaks, if the registry allows it.
  /// What `reader` gives is hashed on its way, and not completed when it is not the digest's.
  /// Gives the bytes that were sent in vain.
  awaitable<std::uint64_t> upload(std::string repository, Digest digest, std::uint64_t size,
                                  BlobReader reader, UploadOptions options = {});

  const std::string& host() const { return session_.options().host; }
  const std::set<std::string>& warnings() const { return session_.warnings(); }

 private:
  Session session_;
};

}  // namespace raykeep::oci
