// parse_json. Boost's own parser silently keeps the last of two equal keys and rounds some numbers
// wrongly in the last digit (1.81), so this drives its tokenizer with a handler of ours.
#include <charconv>
#include <cstdint>

#include <fmt/format.h>
#include <boost/json/basic_parser_impl.hpp>

#include "base/text.h"
#include "doc/json.h"
#include "doc/number.h"

namespace raykeep::doc {
namespace {

using boost::json::error_code;
using boost::json::string_view;

class Builder {
 public:
  static constexpr std::size_t max_object_size = SIZE_MAX;
  static constexpr std::size_t max_array_size = SIZE_MAX;
  static constexpr std::size_t max_key_size = SIZE_MAX;
  static constexpr std::size_t max_string_size = SIZE_MAX;

  explicit Builder(std::size_t nodes) : nodes_left_(nodes) {}

  Value& result() { return root_; }
  const std::string& problem() const { return problem_; }

  bool on_document_begin(error_code&) { return true; }
  bool on_document_end(error_code&) { return true; }

  bool on_object_begin(error_code& ec) { return open(Object{}, ec); }
  bool on_array_begin(error_code& ec) { return open(Array{}, ec); }
  bool on_object_end(std::size_t, error_code&) { return close(); }
  bool on_array_end(std::size_t, error_code&) { return close(); }

  bool on_key_part(string_view part, std::size_t, error_code&) { return append(part); }
  bool on_key(string_view part, std::size_t, error_code& ec) {
    append(part);
    auto [member, is_new] = open_.back()->as_object().emplace(text_, nullptr);
    if (!is_new) return refuse("duplicate key " + quoted(text_), ec);
    member_ = &member->value();
    text_.clear();
    return true;
  }

  bool on_string_part(string_view part, std::size_t, error_code&) { return append(part); }
  bool on_string(string_view part, std::size_t, error_code& ec) {
    append(part);
    bool ok = put(Value(text_), ec) != nullptr;
    text_.clear();
    return ok;
  }

  bool on_number_part(string_view part, error_code&) { return append(part); }
  bool on_int64(std::int64_t value, string_view, error_code& ec) {
    text_.clear();
    return put(Value(value), ec) != nullptr;
  }
  bool on_uint64(std::uint64_t value, string_view, error_code& ec) {
    text_.clear();
    return put(Value(value), ec) != nullptr;
  }
  bool on_double(double, string_view part, error_code& ec) {
    append(part);
    std::optional<double> exact = parse_decimal(text_);
    if (!exact) return refuse("the number " + quoted(text_, 40) + " is too large", ec);
    text_.clear();
    // Minus zero becomes zero: written as "-0" it would come back as an integer.
    return put(Value(*exact + 0.0), ec) != nullptr;
  }
  bool on_bool(bool value, error_code& ec) { return put(Value(value), ec) != nullptr; }
  bool on_null(error_code& ec) { return put(Value(nullptr), ec) != nullptr; }

  bool on_comment_part(string_view, error_code&) { return true; }
  bool on_comment(string_view, error_code&) { return true; }

 private:
  bool append(string_view part) {
    text_.append(part.data(), part.size());
    return true;
  }

  bool refuse(std::string problem, error_code& ec) {
    problem_ = std::move(problem);
    ec = boost::json::error::syntax;
    return false;
  }

  Value* put(Value value, error_code& ec) {
    if (nodes_left_ == 0) {
      refuse("too many values", ec);
      return nullptr;
    }
    --nodes_left_;
    Value* place = &root_;
    if (member_) {
      place = member_;
      member_ = nullptr;
    } else if (!open_.empty()) {
      place = &open_.back()->as_array().emplace_back(nullptr);
    }
    *place = std::move(value);
    return place;
  }

  bool open(Value container, error_code& ec) {
    Value* place = put(std::move(container), ec);
    if (place) open_.push_back(place);
    return place != nullptr;
  }

  bool close() {
    open_.pop_back();
    return true;
  }

  std::size_t nodes_left_;
  Value root_;
  // The containers around the next value. A container does not grow while one inside it is open, so
  // the pointers stay good.
  std::vector<Value*> open_;
  Value* member_ = nullptr;
  std::string text_;
  std::string problem_;
};

std::string place_in(std::string_view text, std::size_t offset) {
  std::string_view before = text.substr(0, offset);
  std::size_t line = 1 + std::ranges::count(before, '\n');
  std::size_t newline = before.rfind('\n');
  if (newline != std::string_view::npos) before.remove_prefix(newline + 1);
  auto starts_character = [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; };
  return fmt::format("line {}, column {}", line,
                     1 + std::ranges::count_if(before, starts_character));
}

std::string in_words(const error_code& ec) {
  using boost::json::error;
  if (ec == error::incomplete) return "the text ends too early";
  if (ec == error::extra_data) return "there is more text after the value";
  if (ec == error::too_deep) return "maps and lists are nested too deep";
  if (ec == error::illegal_leading_surrogate || ec == error::illegal_trailing_surrogate ||
      ec == error::expected_hex_digit || ec == error::expected_utf16_escape) {
    return "an escape is not a Unicode character";
  }
  if (ec == error::exponent_overflow) return "a number is too large";
  return "this is not JSON";
}

}  // namespace

Result<Value> parse_json(std::string_view text, const Limits& limits) {
  if (text.size() > limits.bytes) {
    return error(fmt::format("{} bytes are more than the {} allowed", text.size(), limits.bytes));
  }
  boost::json::parse_options options;
  options.max_depth = limits.depth;
  boost::json::basic_parser<Builder> parser(options, limits.nodes);
  error_code ec;
  std::size_t used = parser.write_some(false, text.data(), text.size(), ec);
  if (!ec && used < text.size()) ec = boost::json::error::extra_data;
  if (ec) {
    const std::string& problem = parser.handler().problem();
    return error(place_in(text, used) + ": " + (problem.empty() ? in_words(ec) : problem));
  }
  return std::move(parser.handler().result());
}

}  // namespace raykeep::doc
