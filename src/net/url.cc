#include "net/url.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "base/text.h"

namespace raykeep::net {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string percent_decode(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 &&
        hex_digit(text[i + 2]) >= 0) {
      out += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

bool is_printable(std::string_view text) {
  return std::ranges::all_of(text, [](unsigned char c) { return c > 0x20 && c < 0x7f; });
}

int default_port(std::string_view scheme) {
  if (scheme == "http") return 80;
  if (scheme == "socks5") return 1080;
  return 443;
}

}  // namespace

Result<Url> parse_url(std::string_view text) {
  // The text may hold a password, so no error repeats it.
  if (!is_printable(text)) return error("not a URL: it has spaces or unprintable characters");
  auto separator = text.find("://");
  if (separator == text.npos || separator == 0) {
    return error("not a URL: write it with its scheme, like https://host:port");
  }
  Url url;
  url.scheme = text.substr(0, separator);
  std::ranges::transform(url.scheme, url.scheme.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  });
  auto rest = text.substr(separator + 3);
  auto end = std::min(rest.find_first_of("/?#"), rest.size());
  auto authority = rest.substr(0, end);
  auto path = rest.substr(end);
  path = path.substr(0, path.find_first_of("?#"));
  while (path.ends_with('/')) path.remove_suffix(1);
  url.path = path;

  if (auto at = authority.rfind('@'); at != authority.npos) {
    auto login = authority.substr(0, at);
    auto colon = login.find(':');
    url.user = percent_decode(login.substr(0, colon));
    if (colon != login.npos) url.password = Secret(percent_decode(login.substr(colon + 1)));
    authority.remove_prefix(at + 1);
  }
  std::string_view port;
  if (authority.starts_with('[')) {
    auto bracket = authority.find(']');
    if (bracket == authority.npos)
      return error("not a URL: the bracket of the address is not closed");
    url.host = authority.substr(1, bracket - 1);
    authority.remove_prefix(bracket + 1);
    if (!authority.empty() && authority[0] != ':')
      return error("not a URL: text after the address");
    if (!authority.empty()) port = authority.substr(1);
  } else {
    auto colon = authority.find(':');
    url.host = authority.substr(0, colon);
    if (colon != authority.npos) port = authority.substr(colon + 1);
  }
  if (url.host.empty()) return error("not a URL: it names no host");
  url.port = default_port(url.scheme);
  if (!port.empty()) {
    auto [last, failed] = std::from_chars(port.data(), port.data() + port.size(), url.port);
    if (failed != std::errc() || last != port.data() + port.size() || url.port < 1 ||
        url.port > 65535) {
      return error(fmt::format("not a URL: {} is not a port", quoted(port, 20)));
    }
  }
  return url;
}

std::string host_and_port(const std::string& host, int port) {
  return host.contains(':') ? fmt::format("[{}]:{}", host, port) : fmt::format("{}:{}", host, port);
}

std::string percent_encode(std::string_view text) {
  std::string out;
  for (unsigned char c : text) {
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
        c == '.' || c == '_' || c == '~') {
      out += static_cast<char>(c);
    } else {
      out += fmt::format("%{:02X}", c);
    }
  }
  return out;
}

bool is_ip_address(const std::string& host) {
  unsigned char bytes[16];
  auto without_zone = host.substr(0, host.find('%'));
  return inet_pton(AF_INET, host.c_str(), bytes) == 1 ||
         inet_pton(AF_INET6, without_zone.c_str(), bytes) == 1;
}

}  // namespace raykeep::net
