// RESP2, the protocol of Redis: what Ray sends, what Redis answers, found in whatever pieces the
// network delivers.
//
// Neither reader understands more than where things begin and end, and neither can be made to hold
// more than its limits by what it reads. RESP3 (its types, its HELLO) is refused: we never ask for
// it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace raykeep::redis {

/// The protocol's own limits, as Redis has them (proto-max-bulk-len, networking.c).
struct Limits {
  std::size_t arguments = 1024 * 1024;          // of a request, or elements of an array
  std::size_t bytes = std::size_t{512} << 20;   // of one string
  std::size_t whole = std::size_t{1024} << 20;  // of a request or reply
  std::size_t depth = 8;                        // of arrays within arrays
};

/// One request: an array of strings, as it came.
struct Request {
  std::string bytes = {};
  struct Slice {
    std::size_t offset = 0;
    std::size_t size = 0;
    bool operator==(const Slice&) const = default;
  };
  std::vector<Slice> arguments = {};  // never empty

  std::string_view argument(std::size_t i) const {
    return std::string_view(bytes).substr(arguments[i].offset, arguments[i].size);
  }
  std::size_t size() const { return arguments.size(); }
  bool operator==(const Request&) const = default;
};

/// Finds requests. Inline commands ("PING\r\n", for people with telnet) are refused.
class RequestReader {
 public:
  explicit RequestReader(Limits limits = {}) : limits_(limits) {}

  void feed(std::string_view bytes);

  /// The next whole request, or nothing yet. After an error the connection is of no more use.
  Result<std::optional<Request>> next();

  /// Bytes that wait for the rest of their request.
  std::size_t pending() const { return buffer_.size() - start_; }

 private:
  Result<bool> read_header();
  Request take();

  Limits limits_;
  std::string buffer_ = {};
  std::size_t start_ = 0;  // of the request in buffer_
  std::size_t at_ = 0;     // what is understood so far
  std::int64_t left_ = 0;  // arguments still to come
  std::vector<Request::Slice> arguments_ = {};
};

/// Finds replies, whatever their type.
class ReplyReader {
 public:
  explicit ReplyReader(Limits limits = {}) : limits_(limits) {}

  void feed(std::string_view bytes);

  /// The bytes of the next whole reply, or nothing yet; they are good until the next feed(). After
  /// an error the connection is of no more use.
  Result<std::optional<std::string_view>> next();

 private:
  Limits limits_;
  std::string buffer_ = {};
  std::size_t start_ = 0;
  std::size_t at_ = 0;
  std::vector<std::int64_t> left_ = {};  // elements still to come, per open array
};

/// A reply understood.
struct Reply {
  enum class Type { status, error, integer, text, nothing, array };
  Type type = Type::nothing;
  std::int64_t integer = 0;
  std::string text = {};  // of a status, an error (without the "-") or a text
  std::vector<Reply> elements = {};

  bool is_error() const { return type == Type::error; }
  /// An error's first word: "NOPERM", "WRONGPASS", "ERR". Empty for anything else.
  std::string_view code() const;
  bool operator==(const Reply&) const = default;
};

/// Understands the bytes of one whole reply.
Result<Reply> parse_reply(std::string_view bytes, const Limits& limits = {});

/// An error's first word, of the bytes of one whole reply; empty for anything else.
std::string_view error_code(std::string_view reply);

/// A request's bytes: encode({"GET", "key"}).
std::string encode(const std::vector<std::string_view>& arguments);

/// The parts of encode(), for requests too large to be put together twice.
void append_header(std::string& out, std::size_t arguments);
void append_argument(std::string& out, std::string_view argument);

/// "-ERR text\r\n", with line ends in `text` replaced.
std::string error_reply(std::string_view text);

}  // namespace raykeep::redis
