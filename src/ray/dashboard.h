// Ray's HTTP servers, asked how they are: the dashboard (8265, head), the dashboard agent (52365,
// every node) and a Serve proxy (8000). A question costs 1 to 2.5 ms and 0.1 to 0.2 ms of our CPU
// (Ray 2.60.0, two busy cores).
#pragma once

#include <memory>
#include <optional>
#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "base/clock.h"
#include "ray/probe.h"
#include "ray/serve_traffic.h"

namespace raykeep::ray {

using boost::asio::awaitable;

struct HttpPeer {
  std::string host = {};
  int port = 0;
  std::string token_file = {};  // as RpcPeer::token_file; sent as X-Ray-Authorization
};

struct Version {
  Probe probe = {};
  std::string ray_version = {};  // empty unless serving
};

/// One of these servers. Each question takes one connection of its own: an idle connection would
/// prove less. Not for several questions at once from different threads.
class Dashboard {
 public:
  /// `clock` must outlive it.
  Dashboard(boost::asio::any_io_executor executor, HttpPeer peer, const Clock& clock);
  ~Dashboard();
  Dashboard(const Dashboard&) = delete;

  /// Dashboard: GET /api/gcs_healthz. Says that the dashboard answers and reaches the GCS, which it
  /// gives 0.1 s; so allow for a single failure. Needs no token. Throws only Failure::cancelled,
  /// like all here.
  awaitable<Probe> check_gcs(Deadline until);

  /// Agent: GET /api/local_raylet_healthz. Needs no token. Beware: the agent asks the GCS about its
  /// raylet, so a hung raylet is "serving" until the GCS gives it up (65 s); see ray/gcs.h.
  awaitable<Probe> check_raylet(Deadline until);

  /// Serve proxy: GET /-/healthz. `not_serving` while it drains or has no routes yet.
  awaitable<Probe> check_serve(Deadline until);

  /// A node's metrics port: GET /metrics, which costs Ray some ten milliseconds. Nothing when it
  /// does not answer.
  awaitable<std::optional<ServeTraffic>> serve_traffic(Deadline until);

  /// Dashboard: GET /api/version. Needs the token, so it proves that too.
  awaitable<Version> version(Deadline until);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace raykeep::ray
