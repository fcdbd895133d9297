// What a probe is to try, in words: "tcp/10.244.1.5:6379,8076-8077", "udp/dns:53",
// "tcp/kubernetes:443".
// Many ports of one address are one word, because the words travel in the URL of an exec request.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "net/reach.h"
#include "spec/peer.h"

namespace raykeep::verify {

/// In a target's place of the host.
inline constexpr std::string_view name_of_api_server = "kubernetes";

struct Target {
  spec::Protocol protocol = spec::Protocol::tcp;
  /// An address or a name; empty: the name server of /etc/resolv.conf. name_of_api_server: the API
  /// server as every pod is told of it (KUBERNETES_SERVICE_HOST).
  std::string host;
  int port = 0;
  bool operator==(const Target&) const = default;
  auto operator<=>(const Target&) const = default;
};

/// "tcp/10.244.1.5:6379": the name of one target in a probe's answer.
std::string to_string(const Target& target);

/// All targets in as few words as there are hosts and protocols; the order of hosts is kept.
std::vector<std::string> words_of(const std::vector<Target>& targets);

/// The targets of one word. At most 4096 ports; IPv6 addresses stand in brackets.
Result<std::vector<Target>> parse_targets(std::string_view word);

}  // namespace raykeep::verify
