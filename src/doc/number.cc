#include "doc/number.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>

namespace raykeep::doc {
namespace {

struct Decimal {
  bool negative = false;
  std::string digits;  // no point; the first one is not 0 unless the number is
  int exponent = 0;    // of the first digit
};

template <class Float>
Decimal shortest(Float value) {
  std::array<char, 64> buffer;
  auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                           std::chars_format::scientific)
                 .ptr;
  std::string_view text(buffer.data(), end - buffer.data());
  Decimal out;
  out.negative = text.starts_with('-');
  if (out.negative) text.remove_prefix(1);
  std::size_t e = text.find('e');
  for (char c : text.substr(0, e)) {
    if (c != '.') out.digits += c;
  }
  std::string_view exponent = text.substr(e + 1);
  if (exponent.starts_with('+')) exponent.remove_prefix(1);
  std::from_chars(exponent.data(), exponent.data() + exponent.size(), out.exponent);
  return out;
}

std::string with_point(const Decimal& d) {
  std::string out = d.negative ? "-" : "";
  int size = static_cast<int>(d.digits.size());
  if (d.exponent < 0) {
    return out + "0." + std::string(-d.exponent - 1, '0') + d.digits;
  }
  if (d.exponent + 1 >= size) {
    return out + d.digits + std::string(d.exponent + 1 - size, '0');
  }
  return out + d.digits.substr(0, d.exponent + 1) + "." + d.digits.substr(d.exponent + 1);
}

std::string with_exponent(const Decimal& d, std::size_t least_exponent_digits) {
  std::string out = d.negative ? "-" : "";
  out += d.digits[0];
  if (d.digits.size() > 1) out += "." + d.digits.substr(1);
  std::string exponent = std::to_string(std::abs(d.exponent));
  if (exponent.size() < least_exponent_digits) exponent.insert(0, 1, '0');
  return out + "e" + (d.exponent < 0 ? "-" : "+") + exponent;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

std::string json_number(double value) {
  if (!std::isfinite(value)) std::abort();  // no reader lets one in
  Decimal d = shortest(value);
  bool plain = value == 0 || (d.exponent >= -6 && d.exponent < 21);
  return plain ? with_point(d) : with_exponent(d, 1);
}

std::string key_number(double value) {
  if (std::isnan(value)) return ".nan";
  // The largest double that still rounds to a finite float lies half a step above the largest
  // float.
  if (std::abs(value) >= 0x1.ffffffp127) return value < 0 ? "-.inf" : ".inf";
  Decimal d = shortest(static_cast<float>(value));
  bool plain = value == 0 || (d.exponent >= -4 && d.exponent < 6);
  return plain ? with_point(d) : with_exponent(d, 2);
}

std::optional<double> parse_decimal(std::string_view text) {
  bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  std::size_t i = 0, digits = 0;
  for (; i < text.size() && is_digit(text[i]); ++i) ++digits;
  if (i < text.size() && text[i] == '.') {
    for (++i; i < text.size() && is_digit(text[i]); ++i) ++digits;
  }
  if (digits == 0) return {};
  if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
    ++i;
    if (i < text.size() && (text[i] == '+' || text[i] == '-')) ++i;
    if (i == text.size()) return {};
    while (i < text.size() && is_digit(text[i])) ++i;
    if (!is_digit(text[i - 1])) return {};
  }
  if (i != text.size()) return {};

  double value = 0;
  auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem == std::errc::result_out_of_range) {
    // Too large, or so small that it is (nearly) zero: strtod tells which.
    value = std::strtod(std::string(text).c_str(), nullptr);
    if (std::isinf(value)) return {};
  } else if (problem != std::errc{} || end != text.data() + text.size()) {
    return {};
  }
  return negative ? -value : value;
}

}  // namespace raykeep::doc
