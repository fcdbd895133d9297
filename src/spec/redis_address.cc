#include "spec/redis_address.h"

#include <algorithm>
#include <cctype>
#include <charconv>

#include <fmt/format.h>

#include "base/text.h"
#include "spec/cidr.h"
#include "spec/names.h"

namespace raykeep::spec {
namespace {

/// A DNS name in any case, or an IPv4 address, which has the shape of one.
bool is_host(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return std::tolower(c); });
  if (lower.ends_with('.')) lower.pop_back();
  return !lower.empty() && wrong_with_dns_subdomain(lower).empty();
}

/// Cuts ":6379" off; false when what stands there is no port.
bool take_port(std::string_view& text, int& port) {
  std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || text.ends_with(']')) return true;
  std::string_view digits = text.substr(colon + 1);
  auto [end, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  text = text.substr(0, colon);
  return fault == std::errc() && end == digits.data() + digits.size() && port >= 1 && port <= 65535;
}

}  // namespace

std::string RedisAddress::text() const {
  return host.contains(':') ? fmt::format("[{}]:{}", host, port) : fmt::format("{}:{}", host, port);
}

Result<RedisAddress> parse_redis_address(std::string_view text, int default_port) {
  RedisAddress address;
  address.port = default_port;
  std::string_view rest = trim(text);
  if (rest.starts_with("rediss://")) {
    address.tls = true;
    rest.remove_prefix(9);
  } else if (rest.starts_with("redis://")) {
    rest.remove_prefix(8);
  }
  // What stands before an @ may be a password: it is not repeated.
  if (rest.contains('@')) return error("the address holds a user or a password");
  if (rest.contains('$')) return error(quoted(text) + " is known only when the pod starts");
  while (rest.ends_with('/')) rest.remove_suffix(1);
  if (rest.contains('/')) return error(quoted(text) + " names a database; Ray uses the first");
  if (!take_port(rest, address.port)) return error(quoted(text) + " has no port after the colon");
  bool brackets = rest.starts_with('[') && rest.ends_with(']');
  if (brackets) rest = rest.substr(1, rest.size() - 2);
  bool good = brackets ? parse_cidr(std::string(rest) + "/128").has_value() : is_host(rest);
  if (!good) return error(quoted(text) + " is not host:port");
  address.host = rest;
  return address;
}

Result<std::vector<RedisAddress>> parse_redis_addresses(std::string_view text) {
  std::vector<RedisAddress> all;
  for (std::string_view part : split(text, ',')) {
    Result<RedisAddress> one = parse_redis_address(part);
    if (!one) return std::unexpected(one.error());
    all.push_back(*one);
  }
  // "rediss://a:1,b:2": the scheme stands before the first and means all.
  for (RedisAddress& one : all) one.tls = all.front().tls;
  return all;
}

}  // namespace raykeep::spec
