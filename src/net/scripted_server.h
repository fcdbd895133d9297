// For tests: a server on the loopback which plays bytes from a script, whatever it is asked, and
// can do to them what networks do: one byte at a time, an end in the middle, silence.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "base/secret.h"
#include "net/task_group.h"

namespace raykeep::net::testing {

/// What is said to one request.
struct Line {
  std::string answer = {};
  bool bytewise = false;  // each byte in a packet (and TLS record) of its own
  std::size_t cut_after =
      std::string::npos;  // close the connection after so many bytes of the answer
  bool stall = false;     // then say nothing more, ever
  bool close = false;     // then close
};

/// One connection: its lines in turn. After the last one it waits for the peer to leave.
using Dialogue = std::vector<Line>;

struct ServerIdentity {
  std::string certificate_pem = {};  // with its chain; empty: no TLS
  std::string key_pem = {};
  std::string client_ca_pem = {};  // demand a client certificate from this CA
  bool old = false;                // TLS 1.0 and 1.1, and nothing newer
};

class ScriptedServer {
 public:
  /// Connections take their dialogues in turn; without any left, a connection is closed at once.
  ScriptedServer(boost::asio::any_io_executor executor, std::deque<Dialogue> dialogues,
                 ServerIdentity identity = {});
  ~ScriptedServer();

  int port() const;
  std::string url() const;                           // "http://127.0.0.1:port", or https
  const std::vector<std::string>& requests() const;  // heads and bodies, as they came
  int connections() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
  TaskGroup tasks_;
};

/// A WebSocket server for one connection after the other: it sends `greetings`, then everything
/// back that it gets. A message "close" from the client is answered by a close; its text is not
/// sent back. After one that ends with "break" the connection breaks without a word.
class EchoWebSocketServer {
 public:
  EchoWebSocketServer(boost::asio::any_io_executor executor, std::vector<std::string> greetings,
                      std::string subprotocol);
  ~EchoWebSocketServer();
  int port() const;
  const std::vector<std::string>& targets() const;  // of the upgrade requests

 private:
  struct State;
  std::shared_ptr<State> state_;
  TaskGroup tasks_;
};

/// "HTTP/1.1 200 OK" with a body and its length.
std::string http_answer(int status, const std::string& body, const std::string& headers = "");

/// The same in chunks of the given sizes.
std::string chunked_answer(const std::vector<std::string>& chunks);

}  // namespace raykeep::net::testing
