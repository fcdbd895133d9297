// Opening a connection: name to addresses, each address in turn, through a proxy if there is one,
// then TLS.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "base/error.h"
#include "net/stream.h"
#include "net/url.h"

namespace raykeep::net {

/// Where to and how. `tls` is null for a server in the clear.
struct Route {
  Url server = {};
  std::shared_ptr<const TlsContext> tls = {};
  std::optional<Url> proxy =
      {};  // "http": CONNECT, with basic authentication if the URL has a user
};

/// The peer's machine lives, and nobody listens on that port.
class Refused : public Failure {
 public:
  explicit Refused(const std::string& text) : Failure(Kind::disconnected, text) {}
};

/// The addresses of a name, or the address that `host` is. Throws Failure: disconnected when it
/// cannot be looked up, cancelled. A look-up that does not end in time is left behind.
awaitable<std::vector<tcp::endpoint>> look_up(boost::asio::any_io_executor executor,
                                              std::string host, int port, Deadline until,
                                              const Clock& clock);

/// A connection ready for the first request. Throws Failure: disconnected when nothing answers
/// (Refused when every address refuses), denied when one side refuses the other's certificate or
/// the proxy refuses us, invalid when the peer does not speak what we expect.
awaitable<std::unique_ptr<Stream>> dial(boost::asio::any_io_executor executor, Route route,
                                        Deadline until, const Clock& clock);

}  // namespace raykeep::net
