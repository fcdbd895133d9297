#include "oci/registry.h"

#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "oci/upload.h"

namespace raykeep::oci {
namespace {

using Kind = Failure::Kind;

std::string scope(const std::string& repository, std::string_view actions) {
  return fmt::format("repository:{}:{}", repository, actions);
}

Call call_for(std::string doing, std::string method, std::string target, std::string scope) {
  return {.doing = std::move(doing),
          .method = std::move(method),
          .target = std::move(target),
          .headers = {},
          .body = {},
          .scope = std::move(scope)};
}

/// The media type of a Content-Type, without its parameters.
std::string media_type_of(const net::Headers& headers) {
  std::string_view text = net::find_header(headers, "Content-Type");
  return std::string(trim(text.substr(0, text.find(';'))));
}

std::optional<std::uint64_t> read_number(std::string_view text) {
  std::uint64_t number = 0;
  auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (wrong != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

BlobStream::BlobStream(std::unique_ptr<net::Answer> answer, std::uint64_t offset,
                       const Session& session)
    : answer_(std::move(answer)), offset_(offset), session_(session) {}

awaitable<std::optional<std::string>> BlobStream::read() {
  auto piece =
      co_await answer_->read(Deadline::after(session_.clock(), session_.options().patience));
  co_return piece;
}

awaitable<std::optional<FoundManifest>> Registry::find_manifest(std::string repository,
                                                                std::string wanted) {
  Call call =
      call_for(fmt::format("get the manifest {} of {}", wanted, repository), "GET",
               fmt::format("/v2/{}/manifests/{}", repository, wanted), scope(repository, "pull"));
  call.headers = {{"Accept", std::string(manifest_media_types)}};
  net::Response response = co_await session_.ask(call, most_manifest_bytes);
  if (response.status == 404) co_return std::nullopt;
  if (response.status != 200) throw session_.explain(call, response);
  FoundManifest found{.bytes = std::move(response.body),
                      .media_type = media_type_of(response.headers),
                      .digest = Digest::of({})};
  found.digest = Digest::of(found.bytes);
  std::string_view said = net::find_header(response.headers, "Docker-Content-Digest");
  const std::string_view asked = wanted.starts_with("sha256:") ? std::string_view(wanted) : "";
  for (std::string_view digest : {asked, said}) {
    if (!digest.starts_with("sha256:") || digest == found.digest.text()) continue;
    throw Failure(Kind::invalid, fmt::format("{} at {}: its bytes are of {}, not of {}", call.doing,
                                             host(), found.digest.text(), digest));
  }
  co_return found;
}

awaitable<bool> Registry::has_manifest(std::string repository, Digest digest) {
  Call call = call_for(fmt::format("look for the manifest {} of {}", digest.text(), repository),
                       "HEAD", fmt::format("/v2/{}/manifests/{}", repository, digest.text()),
                       scope(repository, "pull"));
  call.headers = {{"Accept", std::string(manifest_media_types)}};
  net::Response response = co_await session_.ask(call);
  if (response.status == 404) co_return false;
  if (response.status != 200) throw session_.explain(call, response);
  co_return true;
}

awaitable<void> Registry::put_manifest(std::string repository, std::string tag_or_digest,
                                       std::string bytes, std::string media_type) {
  Call call = call_for(fmt::format("put the manifest {} of {}", tag_or_digest, repository), "PUT",
                       fmt::format("/v2/{}/manifests/{}", repository, tag_or_digest),
                       scope(repository, "pull,push"));
  call.headers = {{"Content-Type", std::move(media_type)}};
  call.body = std::move(bytes);
  net::Response response = co_await session_.ask(call);
  if (response.status != 201 && response.status != 200) throw session_.explain(call, response);
}

awaitable<std::optional<std::uint64_t>> Registry::find_blob(std::string repository, Digest digest) {
  Call call = call_for(fmt::format("look for the blob {} of {}", digest.text(), repository), "HEAD",
                       fmt::format("/v2/{}/blobs/{}", repository, digest.text()),
                       scope(repository, "pull,push"));
  // Where blobs lie elsewhere, HEAD is redirected, too.
  std::unique_ptr<net::Answer> answer = co_await session_.open(call);
  const net::Response& head = answer->head();
  if (head.status == 404) co_return std::nullopt;
  if (head.status != 200) throw session_.explain(call, head);
  co_return read_number(net::find_header(head.headers, "Content-Length")).value_or(0);
}

awaitable<std::unique_ptr<BlobStream>> Registry::open_blob(std::string repository, Digest digest,
                                                           std::uint64_t offset) {
  Call call = call_for(fmt::format("get the blob {} of {}", digest.text(), repository), "GET",
                       fmt::format("/v2/{}/blobs/{}", repository, digest.text()),
                       scope(repository, "pull"));
  if (offset > 0) call.headers = {{"Range", fmt::format("bytes={}-", offset)}};
  std::unique_ptr<net::Answer> answer = co_await session_.open(call);
  const net::Response& head = answer->head();
  if (head.status == 200) co_return std::make_unique<BlobStream>(std::move(answer), 0, session_);
  const std::string range = fmt::format("bytes {}-", offset);
  if (head.status == 206 && net::find_header(head.headers, "Content-Range").starts_with(range))
    co_return std::make_unique<BlobStream>(std::move(answer), offset, session_);
  throw session_.explain(call, head);
}

awaitable<bool> Registry::mount(std::string repository, Digest digest, std::string from) {
  Call call = call_for(
      fmt::format("mount the blob {} of {} in {}", digest.text(), from, repository), "POST",
      fmt::format("/v2/{}/blobs/uploads/?mount={}&from={}", repository, digest.text(), from),
      scope(repository, "pull,push") + ' ' + scope(from, "pull"));
  net::Response response = co_await session_.ask(call);
  // 202 begins an upload, which nobody finishes: the registry forgets it.
  if (response.status == 201) co_return true;
  if (response.status == 202 || response.status == 404 || response.status == 405) co_return false;
  throw session_.explain(call, response);
}

awaitable<std::uint64_t> Registry::upload(std::string repository, Digest digest, std::uint64_t size,
                                          BlobReader reader, UploadOptions options) {
  Upload upload(session_, {.repository = std::move(repository),
                           .digest = std::move(digest),
                           .size = size,
                           .reader = std::move(reader),
                           .options = std::move(options)});
  auto wasted = co_await upload.run();
  co_return wasted;
}

}  // namespace raykeep::oci
