#include "verify/sockets.h"

#include <algorithm>
#include <charconv>
#include <set>

#include <fmt/format.h>

#include "base/text.h"

namespace raykeep::verify {
namespace {

constexpr int syn_sent = 2, listening_state = 10, udp_unconnected = 7;

bool read_hex(std::string_view text, unsigned long& number) {
  auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number, 16);
  return problem == std::errc{} && end == text.data() + text.size();
}

/// The kernel prints each 32 bits of an address as a number of this machine's byte order.
std::string address_of(std::string_view hex) {
  std::vector<unsigned> bytes;
  for (std::size_t word = 0; word + 8 <= hex.size(); word += 8) {
    unsigned long number = 0;
    if (!read_hex(hex.substr(word, 8), number)) return "";
    for (int i = 0; i < 4; ++i) bytes.push_back((number >> (8 * i)) & 0xff);
  }
  if (bytes.size() == 16 &&
      std::all_of(bytes.begin(), bytes.begin() + 10, [](unsigned b) { return b == 0; }) &&
      bytes[10] == 0xff && bytes[11] == 0xff)
    bytes.erase(bytes.begin(), bytes.begin() + 12);
  if (bytes.size() == 4) return fmt::format("{}.{}.{}.{}", bytes[0], bytes[1], bytes[2], bytes[3]);
  if (bytes.size() != 16) return "";
  // Not shortened: only compared with what was written by the same rule, or told to people.
  std::string text;
  for (std::size_t i = 0; i < 16; i += 2)
    text += fmt::format("{}{:x}", i == 0 ? "" : ":", bytes[i] << 8 | bytes[i + 1]);
  return text;
}

bool read_end(std::string_view text, std::string& address, int& port) {
  std::size_t colon = text.find(':');
  unsigned long number = 0;
  if (colon == text.npos || !read_hex(text.substr(colon + 1), number) || number > 65535)
    return false;
  address = address_of(text.substr(0, colon));
  port = static_cast<int>(number);
  return !address.empty();
}

bool is_unspecified(std::string_view address) {
  return address == "0.0.0.0" || address == "0:0:0:0:0:0:0:0";
}

bool is_loopback(std::string_view address) {
  return address.starts_with("127.") || address == "0:0:0:0:0:0:0:1";
}

bool is_here(const Socket& socket) {
  return socket.remote == socket.local || is_loopback(socket.remote) ||
         is_unspecified(socket.remote);
}

}  // namespace

std::vector<Socket> parse_sockets(std::string_view table, spec::Protocol protocol) {
  std::vector<Socket> sockets;
  for (std::string_view line : split(table, '\n')) {
    std::vector<std::string_view> fields;
    for (std::string_view field : split(line, ' ')) {
      if (!field.empty() && fields.size() < 4) fields.push_back(field);
    }
    Socket socket{.protocol = protocol};
    unsigned long state = 0;
    if (fields.size() < 4 || !fields[0].ends_with(':') ||
        !read_end(fields[1], socket.local, socket.local_port) ||
        !read_end(fields[2], socket.remote, socket.remote_port) || !read_hex(fields[3], state))
      continue;
    socket.state = static_cast<int>(state);
    sockets.push_back(std::move(socket));
  }
  return sockets;
}

std::vector<int> reachable_ports(const std::vector<Socket>& sockets) {
  std::set<int> ports;
  for (const Socket& socket : sockets) {
    if (socket.protocol == spec::Protocol::tcp && socket.state == listening_state &&
        !is_loopback(socket.local))
      ports.insert(socket.local_port);
  }
  return {ports.begin(), ports.end()};
}

doc::Object listening_to_json(const std::vector<int>& ports) {
  doc::Array list;
  for (int port : ports) list.push_back(port);
  return {{"listening", std::move(list)}};
}

Result<std::vector<int>> parse_listening(std::string_view line) {
  Result<doc::Value> value = doc::parse_json(line);
  if (!value) return error("the list of ports cannot be read: " + value.error().text);
  const doc::Array* list = doc::find_array(*value, {"listening"});
  if (list == nullptr) return error("the list of ports has no \"listening\"");
  std::vector<int> ports;
  for (const doc::Value& each : *list) {
    if (each.is_int64()) ports.push_back(static_cast<int>(each.get_int64()));
  }
  return ports;
}

void Seen::add(const std::vector<Socket>& sockets) {
  for (const Socket& socket : sockets) {
    bool listens = socket.protocol == spec::Protocol::tcp
                       ? socket.state == listening_state
                       : socket.state == udp_unconnected && is_unspecified(socket.remote);
    if (listens && socket.local_port != 0) listening_[{socket.protocol, socket.local_port}] = true;
  }
  for (const Socket& socket : sockets) {
    if (is_here(socket) || socket.remote_port == 0) continue;
    bool inbound = listening_.contains({socket.protocol, socket.local_port});
    int port = inbound ? socket.local_port : socket.remote_port;
    bool& answered = talks_[{inbound, socket.protocol, socket.remote, port}];
    answered |= socket.protocol == spec::Protocol::udp || socket.state != syn_sent;
  }
}

std::vector<Talk> Seen::talks() const {
  std::vector<Talk> out;
  for (const auto& [key, answered] : talks_) {
    const auto& [inbound, protocol, remote, port] = key;
    out.push_back({inbound, protocol, remote, port, answered});
  }
  return out;
}

std::vector<std::pair<spec::Protocol, int>> Seen::listening() const {
  std::vector<std::pair<spec::Protocol, int>> out;
  for (const auto& [key, there] : listening_) out.push_back(key);
  return out;
}

doc::Object to_json(const Seen& seen) {
  doc::Array talks;
  for (const Talk& talk : seen.talks()) {
    talks.push_back(doc::Object{{"way", talk.inbound ? "in" : "out"},
                                {"protocol", to_string(talk.protocol)},
                                {"remote", talk.remote},
                                {"port", talk.port},
                                {"answered", talk.answered}});
  }
  return {{"talks", std::move(talks)}};
}

Result<std::vector<Talk>> parse_talks(std::string_view line) {
  Result<doc::Value> value = doc::parse_json(line);
  if (!value) return error("the list of sockets cannot be read: " + value.error().text);
  const doc::Array* list = doc::find_array(*value, {"talks"});
  if (list == nullptr) return error("the list of sockets has no \"talks\"");
  std::vector<Talk> talks;
  for (const doc::Value& each : *list) {
    const doc::Value* port = doc::find(each, {"port"});
    const doc::Value* answered = doc::find(each, {"answered"});
    if (port == nullptr || !port->is_int64()) continue;
    talks.push_back(
        {.inbound = doc::find_string(each, {"way"}) == "in",
         .protocol = doc::find_string(each, {"protocol"}) == "UDP" ? spec::Protocol::udp
                                                                   : spec::Protocol::tcp,
         .remote = std::string(doc::find_string(each, {"remote"})),
         .port = static_cast<int>(port->get_int64()),
         .answered = answered != nullptr && answered->is_bool() && answered->get_bool()});
  }
  return talks;
}

}  // namespace raykeep::verify
