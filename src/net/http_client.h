// An HTTP/1.1 client for one server. It keeps a few idle connections and uses them again; a
// connection on which anything went wrong, or whose answer was not read to its end, is dropped.
//
// Not thread-safe: everything runs on the executor it was made with.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "base/clock.h"
#include "base/error.h"
#include "net/http.h"
#include "net/tls.h"
#include "net/url.h"
#include "net/websocket.h"

namespace raykeep::net {

using boost::asio::awaitable;

/// An answer whose body is still arriving. Destroying it before the end closes the connection.
class Answer {
 public:
  virtual ~Answer() = default;
  virtual const Response& head() const = 0;  // its body is empty

  /// The next piece of the body, never empty; nothing at the end. Throws Failure::disconnected when
  /// the connection breaks before the end, or nothing arrives until the deadline.
  virtual awaitable<std::optional<std::string>> read(Deadline until) = 0;
};

/// A body that is too large to hold, sent piece by piece.
class BodySource {
 public:
  virtual ~BodySource() = default;
  virtual std::uint64_t size() const = 0;  // of all pieces, bytes
  /// The next piece, of a moderate size and never empty; valid until the next call. Called until
  /// size() bytes have come. What it throws ends the request.
  virtual std::string_view next() = 0;
};

struct HttpClientOptions {
  Url server = {};      // https or http; its path is not used
  TlsOptions tls = {};  // for https
  std::optional<Url> proxy = {};
  std::size_t idle_connections = 2;
};

class HttpClient {
 public:
  /// Throws Failure::invalid when the TLS options cannot be used. `clock` must outlive the client.
  HttpClient(boost::asio::any_io_executor executor, HttpClientOptions options, const Clock& clock);
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;

  /// The whole answer. A body over `most` bytes throws Failure::invalid.
  awaitable<Response> send(Request request, std::size_t most, Deadline until);

  /// The same with a body that comes in pieces; `request.body` is not used. Nothing is sent twice:
  /// who repeats a broken request makes a new source. An answer that comes before the body's end,
  /// as that of a server that does not want it, is given as any other. Each piece, and then the
  /// answer, may take `patience`.
  awaitable<Response> send(Request request, BodySource& body, std::size_t most, Duration patience);

  /// The answer's head; the body is read from the Answer, which may outlive the client.
  awaitable<std::unique_ptr<Answer>> open(Request request, Deadline until);

  /// Asks for a WebSocket (RFC 6455) on a connection of its own.
  awaitable<Upgrade> upgrade(Request request, std::string subprotocol, Deadline until);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace raykeep::net
