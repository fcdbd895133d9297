// URLs as kubeconfig files and proxy settings write them, and the little of RFC 3986 that building
// paths and queries takes.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "base/secret.h"

namespace raykeep::net {

struct Url {
  std::string scheme;            // "https", "http"; lower case
  std::string user;              // percent-decoded, may be empty
  Secret<std::string> password;  // percent-decoded
  std::string host;              // a name or an address; IPv6 without brackets
  int port = 0;                  // the scheme's own when the text has none
  std::string path;              // "/prefix" or empty: no trailing slash, no query

  bool operator==(const Url&) const = default;
};

/// Parses "https://[fd00::1]:6443/prefix". Query and fragment are dropped, as client-go drops them.
Result<Url> parse_url(std::string_view text);

/// "10.0.0.1:6443", "[fd00::1]:6443".
std::string host_and_port(const std::string& host, int port);

/// Percent-encodes all but unreserved characters: for one step of a path, or a name or value of a
/// query.
std::string percent_encode(std::string_view text);

bool is_ip_address(const std::string& host);

}  // namespace raykeep::net
