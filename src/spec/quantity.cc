// The amount is a count of nanos in 128 bits. A whole part that fits int64 needs 93 of them;
// parsing multiplies the digits out by hand, so that neither "0.000...1" with a thousand zeros nor
// 2^60 times a long fraction overflows.
#include "spec/quantity.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <optional>

#include <fmt/format.h>

#include "base/text.h"

namespace raykeep::spec {
namespace {

using Int128 = __int128;

constexpr std::int64_t int64_max = std::numeric_limits<std::int64_t>::max();
constexpr Int128 nanos = 1'000'000'000;
constexpr Int128 most_nanos = int64_max * nanos;

Int128 clamp(Int128 nano) { return std::clamp(nano, -most_nanos, most_nanos); }

/// What a suffix multiplies by: a power of ten, or of two.
struct Scale {
  int ten = 0;
  int two = 0;
};

struct Suffix {
  std::string_view text;
  Scale scale;
};

constexpr std::array<Suffix, 16> suffixes{{{"", {}},
                                           {"n", {-9, 0}},
                                           {"u", {-6, 0}},
                                           {"m", {-3, 0}},
                                           {"k", {3, 0}},
                                           {"M", {6, 0}},
                                           {"G", {9, 0}},
                                           {"T", {12, 0}},
                                           {"P", {15, 0}},
                                           {"E", {18, 0}},
                                           {"Ki", {0, 10}},
                                           {"Mi", {0, 20}},
                                           {"Gi", {0, 30}},
                                           {"Ti", {0, 40}},
                                           {"Pi", {0, 50}},
                                           {"Ei", {0, 60}}}};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::optional<Scale> parse_suffix(std::string_view text) {
  for (const Suffix& suffix : suffixes) {
    if (suffix.text == text) return suffix.scale;
  }
  if (text.empty() || (text[0] != 'e' && text[0] != 'E')) return {};
  text.remove_prefix(1);
  bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  if (text.empty() || !std::ranges::all_of(text, is_digit)) return {};
  std::int64_t exponent = 0;
  auto problem = std::from_chars(text.data(), text.data() + text.size(), exponent).ec;
  if (problem != std::errc{}) return {};
  // Beyond a thousand the exact exponent makes no difference: too large, or one nano.
  int ten = static_cast<int>(std::min<std::int64_t>(exponent, 1000));
  return Scale{.ten = negative ? -ten : ten};
}

/// What people write for what Kubernetes calls otherwise.
std::string suffix_remedy(std::string_view suffix) {
  if (suffix == "K") return "; write \"k\" (1000) or \"Ki\" (1024)";
  if (suffix == "g" || suffix == "GB" || suffix == "gb" || suffix == "Gb" || suffix == "gi") {
    return "; write \"G\" or \"Gi\"";
  }
  if (suffix == "MB" || suffix == "mb" || suffix == "Mb" || suffix == "mi") {
    return "; write \"M\" or \"Mi\"";
  }
  if (suffix == "ki" || suffix == "KB" || suffix == "kb") return "; write \"k\" or \"Ki\"";
  return "; the suffixes are n u m k M G T P E, Ki Mi Gi Ti Pi Ei, and e with an exponent";
}

/// A decimal number as digits before and after the point.
struct Digits {
  std::string whole;
  std::string fraction;

  void move_point(int places) {
    std::string all = whole + fraction;
    auto point = static_cast<int>(whole.size()) + places;
    if (point < 0) {
      all.insert(0, static_cast<std::size_t>(-point), '0');
      point = 0;
    }
    if (point > static_cast<int>(all.size())) all.resize(static_cast<std::size_t>(point), '0');
    whole = all.substr(0, static_cast<std::size_t>(point));
    fraction = all.substr(static_cast<std::size_t>(point));
    whole.erase(0, std::min(whole.find_first_not_of('0'), whole.size()));
  }
};

/// whole * 2^two + fraction * 2^two in nanos, the latter rounded up; nothing if the whole part
/// exceeds int64.
std::optional<Int128> nanos_of(const Digits& digits, int two) {
  Int128 whole = 0;
  for (char c : digits.whole) {
    whole = whole * 10 + (c - '0');
    if (whole > int64_max >> two) return {};
  }
  // From the last digit on: exact as long as it is said whether anything was cut off.
  const Int128 unit = nanos << two;
  Int128 fraction = 0;
  bool inexact = false;
  for (auto c = digits.fraction.rbegin(); c != digits.fraction.rend(); ++c) {
    Int128 sum = fraction + (*c - '0') * unit;
    inexact |= sum % 10 != 0;
    fraction = sum / 10;
  }
  Int128 nano = whole * unit + fraction + (inexact ? 1 : 0);
  if (nano / nanos > int64_max) return {};
  return nano;
}

std::int64_t divide_up(Int128 nano, Int128 unit) {
  Int128 quotient = nano / unit;  // towards zero, which is up for what is negative
  if (nano > 0 && nano % unit != 0) ++quotient;
  constexpr Int128 least = std::numeric_limits<std::int64_t>::min();
  return static_cast<std::int64_t>(std::clamp<Int128>(quotient, least, int64_max));
}

}  // namespace

Quantity Quantity::from_milli(std::int64_t milli) {
  Quantity out;
  out.nano_ = Int128{milli} * 1'000'000;
  return out;
}

std::int64_t Quantity::ceil() const { return divide_up(nano_, nanos); }

std::int64_t Quantity::milli() const { return divide_up(nano_, 1'000'000); }

Quantity Quantity::operator+(const Quantity& other) const {
  Quantity out;
  out.nano_ = clamp(nano_ + other.nano_);
  return out;
}

Quantity Quantity::operator*(std::int64_t factor) const {
  Quantity out;
  if (__builtin_mul_overflow(nano_, Int128{factor}, &out.nano_)) {
    out.nano_ = (nano_ < 0) == (factor < 0) ? most_nanos : -most_nanos;
  }
  out.nano_ = clamp(out.nano_);
  return out;
}

Result<Quantity> parse_quantity(std::string_view text) {
  std::string_view rest = text;
  auto take_digits = [&rest] {
    std::size_t length = std::min(rest.find_first_not_of("0123456789"), rest.size());
    std::string digits(rest.substr(0, length));
    rest.remove_prefix(length);
    return digits;
  };
  if (text.empty()) return error("an empty text is not a quantity");
  bool negative = rest.starts_with('-');
  if (negative || rest.starts_with('+')) rest.remove_prefix(1);

  Digits digits;
  digits.whole = take_digits();
  if (rest.starts_with('.')) {
    rest.remove_prefix(1);
    digits.fraction = take_digits();
  }
  if (digits.whole.empty() && digits.fraction.empty()) {
    return error(quoted(text, 40) + " is not a quantity: it does not begin with a number");
  }
  std::optional<Scale> scale = parse_suffix(rest);
  if (!scale) {
    return error(fmt::format("{} is not a quantity: {} is not a suffix{}", quoted(text, 40),
                             quoted(rest, 20), suffix_remedy(rest)));
  }
  bool is_zero = (digits.whole + digits.fraction).find_first_not_of('0') == std::string::npos;
  if (is_zero) return Quantity();
  digits.move_point(scale->ten);
  std::optional<Int128> nano = nanos_of(digits, scale->two);
  if (!nano) {
    return error(
        fmt::format("{} is too large: at most {} can be counted", quoted(text, 40), int64_max));
  }
  Quantity out;
  out.nano_ = negative ? -*nano : *nano;
  return out;
}

}  // namespace raykeep::spec
