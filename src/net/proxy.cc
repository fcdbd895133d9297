#include "net/proxy.h"

#include <algorithm>
#include <charconv>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>

#include "base/text.h"

namespace raykeep::net {
namespace {

namespace ip = boost::asio::ip;

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  });
  return out;
}

bool in_range(const ip::address& address, const std::string& range) {
  boost::system::error_code failed;
  if (address.is_v4()) {
    auto network = ip::make_network_v4(range, failed);
    if (failed) return false;
    return (address.to_v4().to_uint() & network.netmask().to_uint()) == network.network().to_uint();
  }
  auto network = ip::make_network_v6(range, failed);
  if (failed) return false;
  return ip::make_network_v6(address.to_v6(), network.prefix_length()).network() ==
         network.network();
}

/// Splits "name:8080" and "[::1]:8080"; a bare IPv6 address has no port.
std::pair<std::string, std::string> split_port(std::string_view entry) {
  if (entry.starts_with('[')) {
    auto bracket = entry.find(']');
    if (bracket == entry.npos) return {std::string(entry), ""};
    auto port = entry.substr(bracket + 1);
    if (port.starts_with(':')) port.remove_prefix(1);
    return {std::string(entry.substr(1, bracket - 1)), std::string(port)};
  }
  if (std::ranges::count(entry, ':') == 1) {
    auto colon = entry.find(':');
    return {std::string(entry.substr(0, colon)), std::string(entry.substr(colon + 1))};
  }
  return {std::string(entry), ""};
}

bool exempts(std::string_view text, const std::string& host, int port) {
  auto entry = lower(trim(text));
  if (entry.empty()) return false;
  if (entry == "*") return true;
  boost::system::error_code failed;
  auto address = ip::make_address(host, failed);
  bool is_address = !failed;
  if (entry.contains('/')) return is_address && in_range(address, entry);
  auto [name, wanted_port] = split_port(entry);
  if (!wanted_port.empty() && wanted_port != std::to_string(port)) return false;
  if (is_address) {
    auto other = ip::make_address(name, failed);
    return !failed && other == address;
  }
  if (name.starts_with("*.")) name.erase(0, 1);
  if (name.starts_with('.')) return host.ends_with(name);
  return host == name || host.ends_with("." + name);
}

}  // namespace

std::string choose_proxy(const Url& server, const ProxySettings& settings) {
  const auto& proxy = server.scheme == "https" ? settings.https_proxy : settings.http_proxy;
  if (proxy.empty()) return "";
  auto host = lower(server.host);
  if (host.ends_with('.')) host.pop_back();
  if (host == "localhost") return "";
  boost::system::error_code failed;
  if (auto address = ip::make_address(host, failed); !failed && address.is_loopback()) return "";
  for (auto entry : split(settings.no_proxy, ',')) {
    if (exempts(entry, host, server.port)) return "";
  }
  return proxy.contains("://") ? proxy : "http://" + proxy;
}

}  // namespace raykeep::net
