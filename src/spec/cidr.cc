#include "spec/cidr.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"

namespace raykeep::spec {
namespace {

/// Decimal without sign or leading zeros, up to `most`.
std::optional<int> parse_number(std::string_view text, int most) {
  if (text.empty() || text.size() > 3 || (text.size() > 1 && text[0] == '0')) return std::nullopt;
  int number = 0;
  auto [stopped, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem != std::errc() || stopped != text.data() + text.size() || number < 0 ||
      number > most) {
    return std::nullopt;
  }
  return number;
}

bool parse_v4(std::string_view text, Cidr& out) {
  std::vector<std::string_view> parts = split(text, '.');
  if (parts.size() != 4) return false;
  for (std::size_t i = 0; i < 4; ++i) {
    std::optional<int> number = parse_number(parts[i], 255);
    if (!number) return false;
    out.bytes[i] = static_cast<std::uint8_t>(*number);
  }
  return true;
}

/// Colon-separated groups of hexadecimal digits; false if one of them is none.
bool parse_groups(std::string_view text, std::vector<std::uint16_t>& out) {
  if (text.empty()) return true;
  for (std::string_view part : split(text, ':')) {
    std::uint16_t group = 0;
    if (part.empty() || part.size() > 4) return false;
    auto [stopped, problem] = std::from_chars(part.data(), part.data() + part.size(), group, 16);
    if (problem != std::errc() || stopped != part.data() + part.size()) return false;
    out.push_back(group);
  }
  return true;
}

bool parse_v6(std::string_view text, Cidr& out) {
  std::vector<std::uint16_t> before, after;
  std::size_t gap = text.find("::");
  if (!parse_groups(text.substr(0, gap), before)) return false;
  if (gap != std::string_view::npos && !parse_groups(text.substr(gap + 2), after)) return false;
  std::size_t count = before.size() + after.size();
  if (gap == std::string_view::npos ? count != 8 : count > 7) return false;
  before.resize(8 - after.size());
  before.insert(before.end(), after.begin(), after.end());
  for (std::size_t i = 0; i < 8; ++i) {
    out.bytes[2 * i] = static_cast<std::uint8_t>(before[i] >> 8);
    out.bytes[2 * i + 1] = static_cast<std::uint8_t>(before[i] & 0xff);
  }
  return true;
}

bool bit(const Cidr& cidr, int position) {
  return (cidr.bytes[static_cast<std::size_t>(position / 8)] >> (7 - position % 8)) & 1;
}

}  // namespace

bool Cidr::has_host_bits() const {
  for (int i = prefix; i < (is_v6 ? 128 : 32); ++i) {
    if (bit(*this, i)) return true;
  }
  return false;
}

bool Cidr::contains(const Cidr& other) const {
  if (is_v6 != other.is_v6 || other.prefix < prefix) return false;
  for (int i = 0; i < prefix; ++i) {
    if (bit(*this, i) != bit(other, i)) return false;
  }
  return true;
}

Result<Cidr> parse_cidr(std::string_view text) {
  std::size_t slash = text.find('/');
  Cidr out;
  out.is_v6 = text.substr(0, slash).contains(':');
  bool address =
      out.is_v6 ? parse_v6(text.substr(0, slash), out) : parse_v4(text.substr(0, slash), out);
  if (!address) return error(quoted(text) + " is not an IP address and a prefix length");
  if (slash == std::string_view::npos) return error(quoted(text) + " has no prefix length");
  std::optional<int> prefix = parse_number(text.substr(slash + 1), out.is_v6 ? 128 : 32);
  if (!prefix) {
    return error(fmt::format("{} has a prefix length that is not between 0 and {}", quoted(text),
                             out.is_v6 ? 128 : 32));
  }
  out.prefix = *prefix;
  return out;
}

}  // namespace raykeep::spec
