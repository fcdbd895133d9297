// One identity talking to one API server: it adds credentials, repeats what may be repeated, and
// lets every failure leave with the name of what was being done. Client and port_forward say what
// to ask; this is how.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "base/clock.h"
#include "kube/config.h"
#include "kube/credentials.h"
#include "kube/status.h"
#include "net/http_client.h"

namespace raykeep::kube {

using boost::asio::awaitable;

struct Call {
  Asked asked = {};
  std::string method = "GET";
  std::string target = {};        // path and query, without the server's own prefix
  std::string content_type = {};  // of the body
  std::string body = {};
  /// Sending it twice does no harm. Repeated are then: a request lost on an idle connection; 429
  /// and 503, after the pause which the server asks for, up to the deadline. (429 is repeated
  /// always: the server did nothing.)
  bool repeatable = true;
};

class Session {
 public:
  Session(boost::asio::any_io_executor executor, Config config, const Clock& clock);
  Session(const Session&) = delete;

  const Config& config() const { return config_; }
  const Clock& clock() const { return clock_; }
  const boost::asio::any_io_executor& executor() const { return executor_; }

  /// The answer, whatever its status. Throws Failure when there is none, or on 401. `until` is put
  /// off by the time that a credential plugin takes: a person may have to log in.
  awaitable<std::unique_ptr<net::Answer>> open(Call call, Deadline& until);

  /// The same, read to its end.
  awaitable<net::Response> send(Call call, Deadline until, std::size_t most = 8u << 20);

  awaitable<std::unique_ptr<net::WebSocket>> open_websocket(Call call, std::string subprotocol,
                                                            Deadline until);

  /// The Failure for an answer that `call` cannot use.
  Failure refuse(const Call& call, const net::Response& response) const;

 private:
  awaitable<std::unique_ptr<net::Answer>> try_until(Call call, Deadline& until);
  net::Request request_for(const Call& call, const Identity& identity) const;
  std::shared_ptr<net::HttpClient> http_for(const std::shared_ptr<const Identity>& identity);

  boost::asio::any_io_executor executor_;
  Config config_;
  const Clock& clock_;
  net::Url server_;
  Credentials credentials_;
  std::shared_ptr<net::HttpClient> http_;
  std::string http_certificate_;  // the client certificate http_ was made with
};

/// answer.read() whose failures name what was asked.
awaitable<std::optional<std::string>> read_piece(Asked asked, net::Answer& answer, Deadline until);

/// Waits; ends early, by a throw, when the caller is cancelled.
awaitable<void> pause(boost::asio::any_io_executor executor, Duration time);

}  // namespace raykeep::kube
