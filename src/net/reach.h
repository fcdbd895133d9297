// Whether one gets through to a port of another machine, and if not, how that shows. Nothing is
// said to the peer unless asked for.
#pragma once

#include <string>
#include <string_view>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "base/clock.h"

namespace raykeep::net {

enum class Fate {
  open,         // somebody listens there
  refused,      // the packet arrived and nobody listens: RST, or ICMP "port unreachable" for UDP
  dropped,      // nothing came back in time: how a NetworkPolicy denies
  unreachable,  // the network says that there is no way (ICMP), or this machine knows none
  unknown,      // the name could not be looked up, or this machine could not try
};
std::string_view to_string(Fate fate);

/// Did the packet arrive? Some enforcers reject instead of dropping (kube-router, Antrea's Reject):
/// there a refusal may be the policy's. See docs/network.md.
inline bool arrives(Fate fate) { return fate == Fate::open || fate == Fate::refused; }

/// What becomes of plain bytes on an open connection.
enum class Spoken {
  not_tried,
  answered,  // bytes came back: plaintext is accepted
  reset,     // closed without a byte: as a mesh or TLS does with plaintext
  silent,    // nothing within the time: the peer waits for more, or for something else
};
std::string_view to_string(Spoken spoken);

struct Reached {
  Fate fate = Fate::unknown;
  Spoken spoken = Spoken::not_tried;
  Duration took{};
  std::string detail = {};  // the system's words where the fate alone does not say enough
};

enum class Speak { nothing, plaintext, dns };

/// Connects by TCP, says what it is told to and looks what comes back: with Speak::plaintext an
/// HTTP/1.1 request, with Speak::dns reach_udp's question.
/// `host` is an address or a name. Throws Failure::cancelled only.
boost::asio::awaitable<Reached> reach_tcp(boost::asio::any_io_executor executor, std::string host,
                                          int port, Speak speak, Deadline until,
                                          const Clock& clock);

/// Sends one DNS question (the root's name servers, which any server answers or refuses) by UDP and
/// waits for whatever comes back. Throws Failure::cancelled only.
boost::asio::awaitable<Reached> reach_udp(boost::asio::any_io_executor executor, std::string host,
                                          int port, Deadline until, const Clock& clock);

}  // namespace raykeep::net
