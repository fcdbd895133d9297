// A WebSocket as a client: messages of bytes, one reader and one writer at a time.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <boost/asio/awaitable.hpp>

#include "base/clock.h"
#include "net/http.h"

namespace raykeep::net {

class Stream;

class WebSocket {
 public:
  virtual ~WebSocket() = default;

  /// The next message, or nothing when the peer closed in good order. Pings are answered meanwhile.
  virtual boost::asio::awaitable<std::optional<std::string>> receive() = 0;

  virtual boost::asio::awaitable<void> send(std::string_view message) = 0;

  /// Says goodbye, waits for the answer at most until the deadline, and closes the connection. A
  /// receive() under way ends.
  virtual boost::asio::awaitable<void> close(Deadline until) = 0;
};

/// What a server made of the wish for a WebSocket.
struct Upgrade {
  std::unique_ptr<WebSocket> socket = {};  // null when refused
  Response response;                       // the refusal, with its body
};

/// Shakes hands on a fresh connection. Messages over `most_message` bytes end the connection.
boost::asio::awaitable<Upgrade> upgrade_to_websocket(std::unique_ptr<Stream> stream,
                                                     Request request, std::string host,
                                                     std::string subprotocol,
                                                     std::size_t most_message, Deadline until);

}  // namespace raykeep::net
