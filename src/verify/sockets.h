// What a pod really talks to: the kernel's table of its sockets (/proc/net/tcp, tcp6, udp, udp6),
// looked at again and again. A closed TCP connection stays in the table of the side that closed
// first for a minute (TIME_WAIT), so that a look each fifth of a second misses little; what the pod
// sends by UDP is seen only while the socket is open.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "doc/json.h"
#include "spec/peer.h"

namespace raykeep::verify {

/// One line of those tables.
struct Socket {
  spec::Protocol protocol = spec::Protocol::tcp;
  std::string local = {};  // "10.244.1.5"; IPv4 in IPv6 is IPv4
  int local_port = 0;
  std::string remote = {};
  int remote_port = 0;
  int state = 0;  // 1 established, 2 SYN sent, 6 TIME_WAIT, 10 listening (include/net/tcp_states.h)
  bool operator==(const Socket&) const = default;
};

/// All sockets of a table's text; lines that make no sense are passed by.
std::vector<Socket> parse_sockets(std::string_view table, spec::Protocol protocol);

/// The TCP ports on which somebody listens whom other machines can reach, each once.
std::vector<int> reachable_ports(const std::vector<Socket>& sockets);

/// {"listening": [6379, 8077]}
doc::Object listening_to_json(const std::vector<int>& ports);
Result<std::vector<int>> parse_listening(std::string_view line);

/// One conversation of a pod with another machine, told by the side that was called.
struct Talk {
  bool inbound = false;
  spec::Protocol protocol = spec::Protocol::tcp;
  std::string remote;
  int port = 0;           // the one that was called: ours when inbound
  bool answered = false;  // false: only SYN was sent, and nothing came back while we looked
  bool operator==(const Talk&) const = default;
};

/// What was seen of a pod's sockets so far.
class Seen {
 public:
  /// One look at all tables.
  void add(const std::vector<Socket>& sockets);

  /// Loopback and the pod itself are left out. In a stable order.
  std::vector<Talk> talks() const;
  std::vector<std::pair<spec::Protocol, int>> listening() const;

 private:
  std::map<std::tuple<bool, spec::Protocol, std::string, int>, bool> talks_;  // -> answered
  std::map<std::pair<spec::Protocol, int>, bool> listening_;
};

/// {"talks": [{"way": "in", "protocol": "TCP", "remote": "...", "port": 1, "answered": true}]}
doc::Object to_json(const Seen& seen);
Result<std::vector<Talk>> parse_talks(std::string_view line);

}  // namespace raykeep::verify
