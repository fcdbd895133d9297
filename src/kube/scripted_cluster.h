// For tests: a Client and the scripted server that it takes for an API server.
#pragma once

#include <gtest/gtest.h>

#include <fmt/format.h>

#include "kube/client.h"
#include "net/run_until_done.h"
#include "net/scripted_server.h"

namespace raykeep::kube {

struct ScriptedCluster {
  explicit ScriptedCluster(std::deque<net::testing::Dialogue> dialogues, Config config = {},
                           net::testing::ServerIdentity identity = {})
      : server(loop.get_executor(), std::move(dialogues), std::move(identity)),
        client(loop.get_executor(), pointed_here(std::move(config)), clock) {}

  template <class T>
  auto run(awaitable<T> work) {
    return net::testing::run_until_done(loop, std::move(work));
  }
  template <class T>
  Failure failure(awaitable<T> work) {
    return net::testing::failure_of(loop, std::move(work));
  }
  Deadline soon() const { return net::testing::ample(clock); }
  std::string request(std::size_t index) const {
    return index < server.requests().size() ? server.requests()[index] : "no such request";
  }
  Config pointed_here(Config config) {
    config.server = server.url() + "/prefix";
    config.context = "test";
    if (config.token.empty()) config.token = Secret(std::string("t0ken"));
    return config;
  }

  SteadyClock clock;
  boost::asio::io_context loop;
  net::testing::ScriptedServer server;
  Client client;
};

/// An answer with a metav1.Status; `details` are members of its details.
inline std::string refusal(int code, const std::string& reason, const std::string& message,
                           const std::string& details) {
  doc::Value text(message);
  return net::testing::http_answer(
      code,
      fmt::format(
          R"({{"kind":"Status","apiVersion":"v1","status":"Failure","message":{},"reason":"{}","details":{{{}}},"code":{}}})",
          doc::write_json(text), reason, details, code));
}

}  // namespace raykeep::kube
