// Which HTTP proxy stands between us and a server, by the rules that kubectl has from Go
// (golang.org/x/net/http/httpproxy): HTTPS_PROXY, HTTP_PROXY and NO_PROXY, upper case first.
#pragma once

#include <string>

#include "net/url.h"

namespace raykeep::net {

/// The environment's settings, as text. Empty: not set.
struct ProxySettings {
  std::string https_proxy = {};
  std::string http_proxy = {};
  std::string no_proxy = {};
};

/// The proxy's URL, or empty to connect directly. A proxy written without scheme ("proxy:3128")
/// gets http://. NO_PROXY is a list of names ("example.com" covers its subdomains, ".example.com"
/// only them), addresses, CIDR ranges, any with ":port", or "*". Loopback addresses and "localhost"
/// are never proxied.
std::string choose_proxy(const Url& server, const ProxySettings& settings);

}  // namespace raykeep::net
