#include "verify/target.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/text.h"

namespace raykeep::verify {
namespace {

constexpr std::size_t most_ports = 4096;
constexpr std::string_view name_server_word = "dns";

std::string_view protocol_word(spec::Protocol protocol) {
  return protocol == spec::Protocol::udp ? "udp" : "tcp";
}

std::string bracketed(const std::string& host) {
  return host.contains(':') ? fmt::format("[{}]", host) : host;
}

bool read_port(std::string_view text, int& port) {
  auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), port);
  return problem == std::errc{} && end == text.data() + text.size() && port > 0 && port < 65536;
}

}  // namespace

std::string to_string(const Target& target) {
  if (target.host.empty())
    return fmt::format("{}/{}:{}", protocol_word(target.protocol), name_server_word, target.port);
  return fmt::format("{}/{}:{}", protocol_word(target.protocol), bracketed(target.host),
                     target.port);
}

std::vector<std::string> words_of(const std::vector<Target>& targets) {
  struct Group {
    const Target* first;
    std::vector<int> ports;
  };
  std::vector<Group> groups;
  for (const Target& target : targets) {
    auto known = std::ranges::find_if(groups, [&](const Group& group) {
      return group.first->host == target.host && group.first->protocol == target.protocol;
    });
    if (known == groups.end()) known = groups.insert(groups.end(), {&target, {}});
    known->ports.push_back(target.port);
  }
  std::vector<std::string> words;
  for (Group& group : groups) {
    std::ranges::sort(group.ports);
    group.ports.erase(std::ranges::unique(group.ports).begin(), group.ports.end());
    std::string host =
        group.first->host.empty() ? std::string(name_server_word) : bracketed(group.first->host);
    words.push_back(fmt::format("{}/{}:{}", protocol_word(group.first->protocol), host,
                                fmt::join(group.ports, ",")));
  }
  return words;
}

Result<std::vector<Target>> parse_targets(std::string_view word) {
  const std::string what = fmt::format("{} is not PROTOCOL/HOST:PORT[,PORT]", quoted(word));
  Target made;
  if (word.starts_with("udp/")) {
    made.protocol = spec::Protocol::udp;
  } else if (!word.starts_with("tcp/")) {
    return error(what + ", as in tcp/10.0.0.1:6379");
  }
  std::string_view rest = word.substr(4);
  std::size_t colon = rest.rfind(':');
  if (colon == rest.npos) return error(what);
  std::string_view host = rest.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  if (host.empty() || host.size() > 253) return error(what);
  if (host != name_server_word) made.host = host;
  std::vector<Target> targets;
  for (std::string_view part : split(rest.substr(colon + 1), ',')) {
    int first = 0, last = 0;
    std::size_t dash = part.find('-');
    if (!read_port(part.substr(0, dash), first)) return error(what);
    last = first;
    if (dash != part.npos && (!read_port(part.substr(dash + 1), last) || last < first))
      return error(what);
    for (int port = first; port <= last; ++port) {
      if (targets.size() == most_ports)
        return error(fmt::format("{} names more than {} ports", quoted(word), most_ports));
      targets.push_back({made.protocol, made.host, port});
    }
  }
  return targets;
}

}  // namespace raykeep::verify
