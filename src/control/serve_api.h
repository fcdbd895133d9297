// Ray Serve's declarative REST API (python/ray/dashboard/modules/serve/serve_head.py, Ray 2.9 and
// newer): which applications a cluster is to run, and how they are.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/secret.h"
#include "control/access.h"
#include "control/decide/service_facts.h"
#include "doc/json.h"
#include "net/http.h"

namespace raykeep::control {

struct ServeDeployment {
  std::string name;
  std::string status;   // "HEALTHY", "UPDATING", ...
  std::string message;  // why it is not well; may be empty
  std::int64_t wanted = 0;
  std::int64_t running = 0;  // replicas
  bool operator==(const ServeDeployment&) const = default;
};

struct ServeApplication {
  std::string name;
  std::string status;  // "RUNNING", "DEPLOYING", "DEPLOY_FAILED", "UNHEALTHY", ...
  std::string message;
  std::string route;
  std::vector<ServeDeployment> deployments;
  bool operator==(const ServeApplication&) const = default;
};

struct ServeStatus {
  bool answered = false;
  std::string problem;  // why there is no answer, or Serve refused what it was told
  std::vector<ServeApplication> applications;
  std::vector<std::string> proxies;  // addresses of the nodes whose proxy is HEALTHY
  bool operator==(const ServeStatus&) const = default;
};

/// The answer to a GET. Pure.
ServeStatus read_serve_status(const doc::Value& answer);

/// All together. `text`: the first one's words that is not well, or that is still on its way.
decide::ServeSays serve_says(const ServeStatus& status, std::string& text);

/// serveConfigV2 as the API takes it, with part of the replicas where `capacity` is below 100. The
/// error says what is wrong with it.
Result<std::string> serve_request(const std::string& config, int capacity);

/// How a dashboard is reached: sends one request. Throws Failure.
using AskDashboard =
    std::function<awaitable<net::Response>(net::Request request, std::size_t most, Deadline until)>;

/// Asks. What goes wrong is its `problem`; throws Failure::cancelled only. `token` may be empty.
awaitable<ServeStatus> ask_serve(AskDashboard ask, const Secret<std::string>& token,
                                 Deadline until);

/// Tells Serve what to run. Empty when it took it, else why not.
awaitable<std::string> tell_serve(AskDashboard ask, const Secret<std::string>& token,
                                  std::string config, int capacity, Deadline until);

}  // namespace raykeep::control
