#include "redis/resp.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "base/text.h"

namespace raykeep::redis {
namespace {

// A header line is a sign and a number; a status or error is a sentence, for which Redis has no
// limit but sense.
constexpr std::size_t longest_number = 32;
constexpr std::size_t longest_line = 64 * 1024;

/// The line that begins at `at`, without its end; nothing if it is not whole yet.
Result<std::optional<std::string_view>> line_at(std::string_view buffer, std::size_t at,
                                                std::size_t longest) {
  auto window = buffer.substr(at, longest + 2);
  auto end = window.find('\n');
  if (end == window.npos) {
    if (window.size() < longest + 2) return std::nullopt;
    return error(fmt::format("a line of more than {} bytes", longest));
  }
  if (end == 0 || window[end - 1] != '\r') return error("a line that does not end with CR LF");
  return window.substr(0, end - 1);
}

Result<std::int64_t> number(std::string_view text) {
  std::int64_t value = 0;
  auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc() || end != text.data() + text.size() || text.empty()) {
    return error(fmt::format("{} where a number belongs", quoted(text, 40)));
  }
  return value;
}

Result<std::int64_t> number_in(std::string_view text, std::int64_t least, std::size_t most) {
  auto value = number(text);
  if (value && (*value < least || (*value > 0 && static_cast<std::size_t>(*value) > most))) {
    return error(fmt::format("the length {} is beyond the limits", *value));
  }
  return value;
}

void drop_front(std::string& buffer, std::size_t& start, std::size_t& at) {
  if (start == 0) return;
  buffer.erase(0, start);
  at -= start;
  start = 0;
}

}  // namespace

void RequestReader::feed(std::string_view bytes) {
  drop_front(buffer_, start_, at_);
  buffer_.append(bytes);
}

/// Reads "*3\r\n". False: not whole yet, or an empty request, which is skipped as Redis does.
Result<bool> RequestReader::read_header() {
  for (;;) {
    if (at_ == buffer_.size()) return false;
    if (buffer_[at_] != '*') {
      return error(fmt::format("{} where a request should begin with \"*\"",
                               quoted(std::string_view(buffer_).substr(at_, 16))));
    }
    auto line = line_at(buffer_, at_, longest_number);
    if (!line) return std::unexpected(line.error());
    if (!*line) return false;
    auto count = number_in((*line)->substr(1), -1, limits_.arguments);
    if (!count) return std::unexpected(count.error());
    at_ += (*line)->size() + 2;
    if (*count > 0) {
      left_ = *count;
      arguments_.reserve(std::min<std::size_t>(8, static_cast<std::size_t>(*count)));
      return true;
    }
    start_ = at_;
  }
}

Result<std::optional<Request>> RequestReader::next() {
  if (left_ == 0) {
    auto begun = read_header();
    if (!begun) return std::unexpected(begun.error());
    if (!*begun) return std::nullopt;
  }
  while (left_ > 0) {
    if (at_ == buffer_.size()) return std::nullopt;
    if (buffer_[at_] != '$') {
      return error(fmt::format("{} where an argument should begin with \"$\"",
                               quoted(std::string_view(buffer_).substr(at_, 16))));
    }
    auto line = line_at(buffer_, at_, longest_number);
    if (!line) return std::unexpected(line.error());
    if (!*line) return std::nullopt;
    auto size = number_in((*line)->substr(1), 0, limits_.bytes);
    if (!size) return std::unexpected(size.error());
    auto from = at_ + (*line)->size() + 2;
    auto length = static_cast<std::size_t>(*size);
    if (from - start_ + length > limits_.whole) {
      return error(fmt::format("a request of more than {} bytes", limits_.whole));
    }
    if (buffer_.size() < from + length + 2) return std::nullopt;
    if (buffer_[from + length] != '\r' || buffer_[from + length + 1] != '\n') {
      return error("an argument that does not end with CR LF");
    }
    arguments_.push_back({from - start_, length});
    at_ = from + length + 2;
    --left_;
  }
  return take();
}

Request RequestReader::take() {
  Request request;
  request.arguments = std::move(arguments_);
  arguments_.clear();
  if (start_ == 0 && at_ == buffer_.size()) {
    request.bytes = std::move(buffer_);
    buffer_.clear();
    at_ = 0;
  } else {
    request.bytes = buffer_.substr(start_, at_ - start_);
  }
  start_ = at_;
  return request;
}

void ReplyReader::feed(std::string_view bytes) {
  drop_front(buffer_, start_, at_);
  buffer_.append(bytes);
}

Result<std::optional<std::string_view>> ReplyReader::next() {
  while (at_ < buffer_.size()) {
    char type = buffer_[at_];
    bool sized = type == '$' || type == '*';
    if (!sized && type != '+' && type != '-' && type != ':') {
      return error(fmt::format("{} where a reply should begin",
                               quoted(std::string_view(buffer_).substr(at_, 16))));
    }
    auto line = line_at(buffer_, at_, type == '+' || type == '-' ? longest_line : longest_number);
    if (!line) return std::unexpected(line.error());
    if (!*line) return std::nullopt;
    auto after = at_ + (*line)->size() + 2;
    if (type == ':') {
      auto value = number((*line)->substr(1));
      if (!value) return std::unexpected(value.error());
    }
    if (sized) {
      auto size =
          number_in((*line)->substr(1), -1, type == '$' ? limits_.bytes : limits_.arguments);
      if (!size) return std::unexpected(size.error());
      if (type == '$' && *size >= 0) {
        after += static_cast<std::size_t>(*size) + 2;
        if (after - start_ > limits_.whole)
          return error(fmt::format("a reply of more than {} bytes", limits_.whole));
        if (buffer_.size() < after) return std::nullopt;
        if (buffer_[after - 2] != '\r' || buffer_[after - 1] != '\n') {
          return error("a text that does not end with CR LF");
        }
      }
      if (type == '*' && *size > 0) {
        if (left_.size() >= limits_.depth) return error("arrays within arrays within arrays");
        if (after - start_ > limits_.whole)
          return error(fmt::format("a reply of more than {} bytes", limits_.whole));
        left_.push_back(*size);
        at_ = after;
        continue;
      }
    }
    if (after - start_ > limits_.whole)
      return error(fmt::format("a reply of more than {} bytes", limits_.whole));
    at_ = after;
    while (!left_.empty() && --left_.back() == 0) left_.pop_back();
    if (left_.empty()) {
      auto reply = std::string_view(buffer_).substr(start_, at_ - start_);
      start_ = at_;
      return reply;
    }
  }
  return std::nullopt;
}

namespace {

/// Reads one value off the front of `rest`, which a ReplyReader has found to be well-formed.
Reply take_value(std::string_view& rest) {
  auto end = rest.find("\r\n");
  char type = rest[0];
  auto line = rest.substr(1, end - 1);
  rest.remove_prefix(end + 2);
  if (type == '+') return {.type = Reply::Type::status, .text = std::string(line)};
  if (type == '-') return {.type = Reply::Type::error, .text = std::string(line)};
  auto size = number(line).value_or(0);
  if (type == ':') return {.type = Reply::Type::integer, .integer = size};
  if (size < 0) return {};
  auto count = static_cast<std::size_t>(size);
  if (type == '$') {
    Reply reply{.type = Reply::Type::text, .text = std::string(rest.substr(0, count))};
    rest.remove_prefix(count + 2);
    return reply;
  }
  Reply reply{.type = Reply::Type::array};
  for (std::size_t i = 0; i < count; ++i) reply.elements.push_back(take_value(rest));
  return reply;
}

}  // namespace

Result<Reply> parse_reply(std::string_view bytes, const Limits& limits) {
  ReplyReader reader(limits);
  reader.feed(bytes);
  auto found = reader.next();
  if (!found) return std::unexpected(found.error());
  if (!*found || (*found)->size() != bytes.size()) return error("not exactly one reply");
  return take_value(bytes);
}

namespace {

/// A line may hold a lone CR, though no server sends one.
std::string_view first_word(std::string_view line) {
  return line.substr(0, line.find_first_of(" \r"));
}

}  // namespace

std::string_view error_code(std::string_view reply) {
  return reply.starts_with('-') ? first_word(reply.substr(1)) : std::string_view();
}

std::string_view Reply::code() const { return is_error() ? first_word(text) : std::string_view(); }

namespace {

void append_size(std::string& out, char type, std::size_t size) {
  char digits[24];
  auto end = std::to_chars(digits, digits + sizeof digits, size).ptr;
  out += type;
  out.append(digits, end);
  out += "\r\n";
}

}  // namespace

void append_header(std::string& out, std::size_t arguments) { append_size(out, '*', arguments); }

void append_argument(std::string& out, std::string_view argument) {
  append_size(out, '$', argument.size());
  out += argument;
  out += "\r\n";
}

std::string encode(const std::vector<std::string_view>& arguments) {
  std::string out;
  append_header(out, arguments.size());
  for (auto argument : arguments) append_argument(out, argument);
  return out;
}

std::string error_reply(std::string_view text) {
  std::string line(text);
  std::ranges::replace_if(line, [](char c) { return c == '\r' || c == '\n'; }, ' ');
  return fmt::format("-ERR {}\r\n", line);
}

}  // namespace raykeep::redis
