#include "doc/yaml_scalar.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <variant>

#include <fmt/format.h>

#include "base/text.h"
#include "doc/base64.h"
#include "doc/codes.h"
#include "doc/number.h"

namespace raykeep::doc {
namespace {

/// What go-yaml's resolve() returns, before the way through JSON.
using Typed = std::variant<std::nullptr_t, bool, std::int64_t, std::uint64_t, double, std::string>;

template <std::size_t n>
bool is_one_of(std::string_view text, const std::array<std::string_view, n>& words) {
  return std::ranges::find(words, text) != words.end();
}

constexpr std::array<std::string_view, 11> true_words{"y",    "Y",    "yes", "Yes", "YES", "true",
                                                      "True", "TRUE", "on",  "On",  "ON"};
constexpr std::array<std::string_view, 11> false_words{
    "n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"};
constexpr std::array<std::string_view, 5> null_words{"", "~", "null", "Null", "NULL"};
constexpr std::array<std::string_view, 6> infinity_words{".inf",  ".Inf",  ".INF",
                                                         "+.inf", "+.Inf", "+.INF"};
constexpr std::array<std::string_view, 3> minus_infinity_words{"-.inf", "-.Inf", "-.INF"};
constexpr std::array<std::string_view, 3> nan_words{".nan", ".NaN", ".NAN"};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

template <class Integer>
std::optional<Integer> parse_digits(std::string_view digits, int base) {
  Integer value = 0;
  auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
  if (digits.empty() || problem != std::errc{} || end != digits.data() + digits.size()) return {};
  return value;
}

/// Go's strconv.ParseInt(text, 0, 64), then ParseUint: 0x, 0o, 0b and a leading 0 say the base.
std::optional<Typed> parse_integer(std::string_view text) {
  bool negative = text.starts_with('-');
  bool has_sign = negative || text.starts_with('+');
  std::string_view digits = text.substr(has_sign ? 1 : 0);
  int base = 10;
  if (digits.size() > 1 && digits[0] == '0') {
    char letter = static_cast<char>(digits[1] | 0x20);
    base = letter == 'x' ? 16 : letter == 'b' ? 2 : 8;
    digits.remove_prefix(letter == 'x' || letter == 'b' || letter == 'o' ? 2 : 1);
  }
  if (digits.starts_with('-')) return {};
  std::optional<std::uint64_t> magnitude = parse_digits<std::uint64_t>(digits, base);
  if (!magnitude) return {};
  constexpr std::uint64_t most = std::numeric_limits<std::int64_t>::max();
  if (negative) {
    if (*magnitude > most + 1) return {};
    return static_cast<std::int64_t>(0 - *magnitude);
  }
  if (*magnitude <= most) return static_cast<std::int64_t>(*magnitude);
  if (has_sign) return {};  // ParseUint takes no sign
  return *magnitude;
}

/// go-yaml's own second try at "0b...", which lets a sign stand behind the prefix: 0b-11 is -3.
std::optional<Typed> parse_odd_binary(std::string_view text) {
  bool negative = text.starts_with("-0b");
  if (!negative && !text.starts_with("0b")) return {};
  std::string_view digits = text.substr(negative ? 3 : 2);
  bool inner_negative = !negative && digits.starts_with('-');
  if (inner_negative || (!negative && digits.starts_with('+'))) digits.remove_prefix(1);
  if (digits.starts_with('-')) return {};
  std::optional<std::int64_t> value = parse_digits<std::int64_t>(digits, 2);
  if (!value) return {};
  return negative || inner_negative ? -*value : *value;
}

std::string without_underscores(std::string_view text) {
  std::string out(text);
  std::erase(out, '_');
  return out;
}

/// Go's rule for ".5_0": each underscore stands between digits.
bool underscores_separate_digits(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '_') continue;
    if (i == 0 || i + 1 == text.size() || !is_digit(text[i - 1]) || !is_digit(text[i + 1])) {
      return false;
    }
  }
  return true;
}

/// The type of a text without a tag: resolve() with its hints by first character.
Typed typed(std::string_view text) {
  if (is_one_of(text, null_words)) return nullptr;
  if (is_one_of(text, true_words)) return true;
  if (is_one_of(text, false_words)) return false;
  char first = text[0];
  if (first != '.' && first != '+' && first != '-' && !is_digit(first)) return std::string(text);
  constexpr double infinity = std::numeric_limits<double>::infinity();
  if (is_one_of(text, infinity_words)) return infinity;
  if (is_one_of(text, minus_infinity_words)) return -infinity;
  if (is_one_of(text, nan_words)) return std::numeric_limits<double>::quiet_NaN();

  std::string digits = without_underscores(text);
  if (first == '.') {
    if (!underscores_separate_digits(text)) return std::string(text);
  } else {
    if (std::optional<Typed> integer = parse_integer(digits)) return *integer;
  }
  if (std::optional<double> decimal = parse_decimal(digits)) return *decimal;
  if (first != '.') {
    if (std::optional<Typed> integer = parse_odd_binary(digits)) return *integer;
  }
  return std::string(text);
}

ScalarProblem wrong_for_tag(const Scalar& scalar) {
  return {code::wrong_for_tag,
          fmt::format("{} cannot be read as {}", quoted(scalar.text, 40), short_tag(scalar.tag)),
          "remove the tag, or write a value that fits it"};
}

ScalarResult<std::string> binary(const Scalar& scalar) {
  std::optional<std::string> bytes = decode_base64(scalar.text);
  if (!bytes) return std::unexpected(wrong_for_tag(scalar));
  if (!is_valid_utf8(*bytes)) {
    return std::unexpected(ScalarProblem{code::wrong_for_tag,
                                         "!!binary data that is not text has no place in JSON",
                                         "remove the tag: Kubernetes wants the base64 as it is"});
  }
  return *bytes;
}

ScalarResult<Typed> resolve(const Scalar& scalar) {
  if (scalar.tag.empty()) {
    if (!scalar.plain) return std::string(scalar.text);
    return typed(scalar.text);
  }
  std::string_view tag = scalar.tag;
  bool known = tag.starts_with(yaml_tag_prefix);
  if (known) tag.remove_prefix(yaml_tag_prefix.size());
  if (tag == "!" || (known && tag == "str")) return std::string(scalar.text);
  if (known && tag == "binary") return binary(scalar);
  Typed value = typed(scalar.text);
  if (known && tag == "null" && std::holds_alternative<std::nullptr_t>(value)) return value;
  if (known && tag == "bool" && std::holds_alternative<bool>(value)) return value;
  if (known && tag == "int") {
    if (std::holds_alternative<std::int64_t>(value)) return value;
    if (std::holds_alternative<std::uint64_t>(value)) return value;
  }
  if (known && tag == "float") {
    if (std::holds_alternative<double>(value)) return value;
    if (const auto* integer = std::get_if<std::int64_t>(&value)) {
      return static_cast<double>(*integer);
    }
  }
  if (known && (tag == "null" || tag == "bool" || tag == "int" || tag == "float")) {
    return std::unexpected(wrong_for_tag(scalar));
  }
  return std::unexpected(
      ScalarProblem{code::unknown_tag,
                    fmt::format("the tag {} means nothing in Kubernetes", short_tag(scalar.tag)),
                    "remove it; quotes make a string"});
}

/// Kubernetes reads numbers from JSON, where Go has written 1.0 and 1e3 as 1 and 1000: then they
/// are integers. By way of the text, because of large ones the shortest digits are not the exact
/// value.
Value json_double(double number) {
  std::string text = json_number(number);
  if (text == "-0") return std::int64_t{0};
  std::int64_t integer = 0;
  auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), integer);
  if (problem == std::errc{} && end == text.data() + text.size()) return integer;
  return number;
}

}  // namespace

std::string short_tag(std::string_view tag) {
  if (tag.starts_with(yaml_tag_prefix)) {
    return "!!" + std::string(tag.substr(yaml_tag_prefix.size(), 40));
  }
  return quoted(tag, 40);
}

ScalarResult<Value> scalar_value(const Scalar& scalar) {
  ScalarResult<Typed> typed_value = resolve(scalar);
  if (!typed_value) return std::unexpected(typed_value.error());
  if (const auto* number = std::get_if<double>(&*typed_value)) {
    if (std::isfinite(*number)) return json_double(*number);
    return std::unexpected(ScalarProblem{code::not_finite,
                                         fmt::format("{} is not a number JSON knows", scalar.text),
                                         "put it in quotes if it is meant as text"});
  }
  return std::visit([](auto&& value) { return Value(std::forward<decltype(value)>(value)); },
                    std::move(*typed_value));
}

ScalarResult<std::string> scalar_key(const Scalar& scalar) {
  ScalarResult<Typed> typed_value = resolve(scalar);
  if (!typed_value) return std::unexpected(typed_value.error());
  if (const auto* text = std::get_if<std::string>(&*typed_value)) return *text;
  if (const auto* flag = std::get_if<bool>(&*typed_value)) return *flag ? "true" : "false";
  if (const auto* integer = std::get_if<std::int64_t>(&*typed_value)) {
    return std::to_string(*integer);
  }
  if (const auto* number = std::get_if<double>(&*typed_value)) return key_number(*number);
  // Null; and integers beyond int64, which sigs.k8s.io/yaml refuses as keys, too.
  return std::unexpected(ScalarProblem{
      code::unusable_key,
      scalar.text.empty() ? "a key is missing before ':'"
                          : fmt::format("{} cannot be a key", quoted(scalar.text, 40)),
      scalar.text.empty() ? "write a key" : "put it in quotes"});
}

}  // namespace raykeep::doc
