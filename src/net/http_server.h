// A small HTTP/1.1 server: for probes and metrics GET and HEAD without a body, answered at once
// from memory; and for who asks for it TLS, and POST with a bounded body. Made to stand in a pod
// where anybody may knock: headers, bodies, time and connections are bounded, and when the
// connections are used up the oldest has to go, so that slow clients cannot keep the kubelet out.
//
// Not thread-safe: everything runs on the executor it was made with.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "base/clock.h"
#include "base/error.h"
#include "net/certificate.h"
#include "net/http.h"
#include "net/task_group.h"
#include "net/tls_server.h"

namespace raykeep::net {

struct HttpServerOptions {
  std::string address = {};           // to listen on; empty: every address, IPv6 and IPv4
  int port = 0;                       // 0: any free one
  std::size_t connections = 64;       // at the same time; one more makes the oldest go
  std::size_t head_bytes = 8 * 1024;  // of one request
  std::size_t body_bytes = 0;         // of one request; 0: none is read, and POST is refused
  /// For a TLS handshake, for one request to arrive whole, and for its answer to be taken. An idle
  /// kept connection too.
  Duration patience = std::chrono::seconds(10);
  /// Asked at each connection; while it gives null, connections are closed. Empty: no TLS.
  std::function<std::shared_ptr<const TlsServerContext>()> tls = {};
};

/// One request, and who sent it.
struct Call {
  Request request = {};
  std::string peer = {};                             // "10.0.0.7:41234"
  std::optional<CertificateFacts> certificate = {};  // of the client, if it showed one
};

class HttpServer {
 public:
  /// Gives the answer to one request. Content-Length and Connection are added. What it throws
  /// becomes a 500 without the text.
  using Handler = std::function<Response(const Request&)>;

  /// The same, for answers that have to be asked for. It is cancelled when the server goes; in time
  /// it bounds itself.
  using Answerer = std::function<boost::asio::awaitable<Response>(Call)>;

  /// Listens at once. Throws Failure::invalid when the address cannot be had. `clock` must outlive
  /// the server.
  HttpServer(boost::asio::any_io_executor executor, HttpServerOptions options,
             std::variant<Handler, Answerer> handler, const Clock& clock);

  /// Ends every connection.
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;

  int port() const;
  std::size_t connections() const;  // open now

 private:
  struct State;
  std::shared_ptr<State> state_;
  TaskGroup tasks_;
};

}  // namespace raykeep::net
