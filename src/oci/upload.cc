#include "oci/upload.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "net/url.h"

namespace raykeep::oci {
namespace {

using Kind = Failure::Kind;
constexpr std::size_t piece_size = 256u << 10;
// What registries that bound a request's body take (GHCR's 4 MiB).
constexpr std::uint64_t smallest_chunk = 4u << 20;

/// The last byte of "0-1023" or "bytes=0-1023"; nothing where it is none.
std::optional<std::uint64_t> end_of_range(std::string_view text) {
  if (text.starts_with("bytes=")) text.remove_prefix(6);
  if (!text.starts_with("0-")) return std::nullopt;
  text.remove_prefix(2);
  std::uint64_t last = 0;
  auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), last);
  if (wrong != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return last;
}

}  // namespace

/// Bytes of the blob from `first` on. The first time that a byte goes out it is hashed: at the end
/// it shows whether the file is what the digest says.
class Upload::Body final : public net::BodySource {
 public:
  Body(Upload& upload, std::uint64_t first, std::uint64_t size)
      : upload_(upload), at_(first), end_(first + size), buffer_(piece_size, '\0') {}

  std::uint64_t size() const override { return end_ - first_; }
  std::string_view next() override {
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(piece_size, end_ - at_));
    const std::string_view piece(buffer_.data(), count);
    upload_.what_.reader(at_, buffer_.data(), count);
    if (at_ <= upload_.hashed_ && at_ + count > upload_.hashed_) {
      upload_.hasher_.add(piece.substr(upload_.hashed_ - at_));
      upload_.hashed_ = at_ + count;
    }
    at_ += count;
    if (upload_.what_.options.progress) upload_.what_.options.progress(count);
    return piece;
  }
  std::uint64_t given() const { return at_ - first_; }

 private:
  Upload& upload_;
  std::uint64_t at_;
  const std::uint64_t end_;
  const std::uint64_t first_ = at_;
  std::string buffer_;
};

Upload::Upload(Session& session, What what)
    : session_(session), what_(std::move(what)), chunk_(what_.options.chunk) {
  if (chunk_ != 0) chunk_ = std::max(chunk_, smallest_chunk);
}
Upload::~Upload() = default;

Call Upload::call_for(std::string_view doing, std::string method, std::string target) const {
  return {.doing = fmt::format("{} blob {} in {}", doing, what_.digest.text(), what_.repository),
          .method = std::move(method),
          .target = std::move(target),
          .headers = {},
          .body = {},
          .scope = fmt::format("repository:{}:pull,push", what_.repository)};
}

std::string Upload::with_digest() const {
  // The location's own query is the registry's business: it is added to, not understood.
  return location_ + (location_.contains('?') ? '&' : '?') +
         "digest=" + net::percent_encode(what_.digest.text());
}

awaitable<void> Upload::begin() {
  Call call = call_for("begin", "POST", fmt::format("/v2/{}/blobs/uploads/", what_.repository));
  net::Response response = co_await session_.ask(call);
  location_ = net::find_header(response.headers, "Location");
  if (response.status != 202 || location_.empty()) throw session_.explain(call, response);
  offset_ = 0;
}

/// What an answer to bytes that were sent from `from` on means.
Upload::Step Upload::judge(const Call& call, const net::Response& response, std::uint64_t from) {
  const int status = response.status;
  last_headers_ = response.headers;
  last_problem_ = session_.explain(call, response).what();
  if (status == 413 && (chunk_ == 0 || chunk_ > smallest_chunk) && what_.size > smallest_chunk) {
    chunk_ = smallest_chunk;  // and nothing was taken
    return Step::begin_again;
  }
  if (status == 405 && from == 0 && !in_one_put_) {
    in_one_put_ = true;
    return Step::begin_again;
  }
  if (status == 404 || status == 401) return Step::begin_again;  // the session, or the token, ended
  if (status == 416 || passes(status)) return Step::broken;
  throw session_.explain(call, response);
}

/// Nothing when the connection broke, which is noted.
awaitable<std::optional<net::Response>> Upload::send(Call call, Body& body) {
  std::optional<net::Response> response;
  std::optional<Failure> problem;
  try {
    net::Response got = co_await session_.send(call, body);
    response = std::move(got);
  } catch (const Failure& failure) {
    problem = failure;
  }
  sent_ += body.given();
  if (!problem) co_return response;
  if (!problem->passes()) throw *problem;
  last_problem_ = fmt::format("{} at {}: {}", call.doing, session_.options().host, problem->what());
  co_return std::nullopt;
}

awaitable<Upload::Step> Upload::send_next() {
  const std::uint64_t left = what_.size - offset_;
  const std::uint64_t count = chunk_ == 0 ? left : std::min(chunk_, left);
  Call call = call_for("send", "PATCH", location_);
  call.headers = {{"Content-Type", "application/octet-stream"}};
  if (chunk_ != 0 || offset_ != 0)
    call.headers.emplace_back("Content-Range", fmt::format("{}-{}", offset_, offset_ + count - 1));
  Body body(*this, offset_, count);
  std::optional<net::Response> answer = co_await send(call, body);
  if (!answer) co_return Step::broken;
  const net::Response& response = *answer;
  if (response.status != 202 && response.status != 201) co_return judge(call, response, offset_);
  if (std::string_view next = net::find_header(response.headers, "Location"); !next.empty())
    location_ = next;
  offset_ += count;
  co_return Step::goes_on;
}

/// POST, then PUT with everything: for registries without PATCH.
awaitable<Upload::Step> Upload::send_whole() {
  Call call = call_for("send", "PUT", with_digest());
  call.headers = {{"Content-Type", "application/octet-stream"}};
  Body body(*this, 0, what_.size);
  std::optional<net::Response> answer = co_await send(call, body);
  if (!answer) co_return Step::begin_again;
  const net::Response& response = *answer;
  if (response.status == 201) co_return Step::done;
  const Step step = judge(call, response, 0);
  co_return step == Step::broken ? Step::begin_again : step;
}

/// How far a broken session came. Without an answer that helps there is none any more.
awaitable<void> Upload::find_place() {
  const std::string asked = std::exchange(location_, "");
  std::optional<std::uint64_t> last;
  std::string next;
  try {
    Call call = call_for("ask after", "GET", asked);
    net::Response response = co_await session_.ask(call);
    if (response.status == 204) {
      last = end_of_range(net::find_header(response.headers, "Range"));
      next = net::find_header(response.headers, "Location");
    }
  } catch (const Failure& failure) {
    if (!failure.passes()) throw;
  }
  // "0-0" is one byte, or none: as none it costs a byte.
  if (!last || *last == 0 || *last >= what_.size) co_return;
  offset_ = *last + 1;
  location_ = next.empty() ? asked : next;
}

awaitable<Upload::Step> Upload::complete() {
  if (hasher_.finish() != what_.digest) {
    throw Failure(Kind::invalid,
                  fmt::format("send blob {} in {}: the bytes at hand are others: what "
                              "they are read from is damaged",
                              what_.digest.text(), what_.repository));
  }
  Call call = call_for("complete", "PUT", with_digest());
  net::Response response = co_await session_.ask(call);
  if (response.status == 201) co_return Step::done;
  last_problem_ = session_.explain(call, response).what();
  // The registry has other bytes than we sent: once more, from the beginning.
  hashed_ = 0;
  if (response.status == 400 || response.status == 404 || response.status == 416)
    co_return Step::begin_again;
  throw session_.explain(call, response);
}

awaitable<std::uint64_t> Upload::run() {
  for (int tried = 0; tried < session_.options().tries; ++tried) {
    if (tried > 0) co_await session_.pause(tried - 1, std::exchange(last_headers_, {}));
    if (!location_.empty()) co_await find_place();
    if (location_.empty()) co_await begin();
    Step step = in_one_put_ ? Step::done : Step::goes_on;
    if (in_one_put_) {
      const Step sent = co_await send_whole();
      step = sent;
    } else {
      while (step == Step::goes_on && offset_ < what_.size) {
        const std::uint64_t before = offset_;
        const Step sent = co_await send_next();
        step = sent;
        if (offset_ > before) tried = 0;  // it gets on
      }
      if (step == Step::goes_on) {
        const Step completed = co_await complete();
        step = completed;
      }
    }
    if (step == Step::done) co_return sent_ - std::min(sent_, what_.size);
    if (step == Step::begin_again) location_.clear();
  }
  throw Failure(Kind::disconnected, last_problem_);
}

}  // namespace raykeep::oci
