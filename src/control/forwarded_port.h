// A pod's port on this machine's loopback, through the API server (pods/portforward, which the
// ClusterRole `edit` grants). The pod's policies let a tenant's workstation in by no other way.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "control/access.h"
#include "doc/json.h"
#include "net/http_client.h"
#include "net/task_group.h"

namespace raykeep::control {

class ForwardedPort {
 public:
  /// Begins at once. `access` must outlive it.
  ForwardedPort(boost::asio::any_io_executor executor, const Access& access, const std::string& ns,
                const std::string& pod, int port);

  /// Whether it is open; waits for it until the deadline, or until it is known that it cannot be.
  awaitable<bool> opened(Deadline until);

  /// Its number here. Requires: opened() said so.
  int local() const;

  /// One HTTP request to the pod. Throws Failure::disconnected when it is not open.
  awaitable<net::Response> send(net::Request request, std::size_t most, Deadline until);

  /// One request whose answer is handed over as it arrives; each piece may take `patience`. The
  /// status.
  awaitable<int> stream(net::Request request, std::function<void(std::string_view)> take,
                        Duration patience);

  /// Must be awaited before `access` goes.
  awaitable<void> close();

 private:
  struct State;
  awaitable<net::HttpClient*> client(Deadline until);
  const Clock& clock_;
  std::shared_ptr<State> state_;
  std::unique_ptr<net::HttpClient> http_;
  net::TaskGroup tasks_;
};

/// One request to a pod over a port of its own, which is closed again. Throws as send() does.
awaitable<net::Response> send_to_pod(const Access& access, std::string ns, std::string pod,
                                     int port, net::Request request, std::size_t most,
                                     Deadline until);

/// One question to a pod over a port of its own, which is closed again: the JSON of an answer 200,
/// at most `most` bytes. Null when it cannot be had: without the right to forward, or with a pod
/// that is just going, there is nothing to be told.
awaitable<doc::Value> ask_pod(const Access& access, std::string ns, std::string pod, int port,
                              net::Request request, std::size_t most, Duration patience);

}  // namespace raykeep::control
