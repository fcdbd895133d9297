#include "net/message.h"

#include <fmt/format.h>
#include <boost/beast/core/buffers_range.hpp>

#include "base/error.h"
#include "base/text.h"

namespace raykeep::net {
namespace {

namespace http = boost::beast::http;

constexpr std::uint32_t most_header = 64 * 1024;
// Beast consumes all it understands; what it leaves is a piece of a header or of a chunk's size
// line.
constexpr std::size_t most_pending = 128 * 1024;

}  // namespace

std::string_view find_header(const Headers& headers, std::string_view name) {
  for (const auto& [key, value] : headers) {
    if (boost::beast::iequals({key.data(), key.size()}, {name.data(), name.size()})) return value;
  }
  return "";
}

ResponseReader::ResponseReader(bool to_head) {
  parser_.skip(to_head);
  parser_.eager(true);
  parser_.header_limit(most_header);
  parser_.body_limit(boost::none);  // the reader of the pieces sets the bound
}

void ResponseReader::feed(std::string_view bytes) {
  got_bytes_ = got_bytes_ || !bytes.empty();
  pending_ += bytes;
  boost::system::error_code failed;
  while (!parser_.is_done() && !pending_.empty()) {
    auto used = parser_.put(boost::asio::buffer(pending_), failed);
    pending_.erase(0, used);
    if (failed == http::error::need_more || (!failed && used == 0)) break;
    if (failed) {
      throw Failure(Failure::Kind::invalid,
                    fmt::format("the answer is not proper HTTP: {}", failed.message()));
    }
  }
  if (!parser_.is_done() && pending_.size() > most_pending) {
    throw Failure(Failure::Kind::invalid, "the answer is not proper HTTP: a line without end");
  }
}

void ResponseReader::feed_end() {
  boost::system::error_code failed;
  // Beast takes an end before the first byte for a whole, empty message.
  bool has_status_line = parser_.is_header_done();
  if (has_status_line && !parser_.is_done()) parser_.put_eof(failed);
  if (!has_status_line || failed || !parser_.is_done()) {
    throw Failure(Failure::Kind::disconnected, got_bytes_
                                                   ? "connection closed in the middle of the answer"
                                                   : "connection closed before an answer came");
  }
}

bool ResponseReader::may_reuse() const {
  return parser_.is_done() && parser_.keep_alive() && pending_.empty() && !parser_.need_eof();
}

Response ResponseReader::head() const {
  const auto& message = parser_.get();
  Response response{.status = static_cast<int>(message.result_int()),
                    .reason = std::string(message.reason()),
                    .headers = {},
                    .body = ""};
  for (const auto& field : message) {
    response.headers.emplace_back(field.name_string(), field.value());
  }
  return response;
}

std::string ResponseReader::take_body() { return std::exchange(parser_.get().body(), {}); }

}  // namespace raykeep::net
