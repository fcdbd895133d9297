#include "node/connections.h"

#include <fstream>
#include <sstream>
#include <string>

#include <fmt/format.h>

#include "base/text.h"

namespace raykeep::node {
namespace {

constexpr std::string_view established = "01";

/// As the kernel prints 127.0.0.1, ::1 and ::ffff:127.0.0.1 on a little-endian machine.
bool is_loopback(std::string_view address) {
  return address.ends_with("0100007F") || address == "00000000000000000000000001000000";
}

}  // namespace

int connections_to(int port, std::string_view proc_net_tcp) {
  const std::string local_port = fmt::format(":{:04X}", port);
  int count = 0;
  for (std::string_view line : split(proc_net_tcp, '\n')) {
    // "   0: 0100007F:1F40 0100007F:A1B2 01 ..."
    std::string_view fields[4];
    std::size_t at = 0;
    for (std::string_view field : split(line, ' ')) {
      if (field.empty()) continue;
      fields[at++] = field;
      if (at == 4) break;
    }
    if (at < 4 || fields[3] != established || !fields[1].ends_with(local_port)) continue;
    if (!is_loopback(fields[2].substr(0, fields[2].find(':')))) ++count;
  }
  return count;
}

int connections_to(int port) {
  int count = 0;
  for (const char* path : {"/proc/net/tcp", "/proc/net/tcp6"}) {
    std::ifstream file(path);
    std::stringstream text;
    if (file) text << file.rdbuf();
    count += connections_to(port, text.str());
  }
  return count;
}

}  // namespace raykeep::node
