// How this module reaches the cluster: whose requests, by which clock, and how long one request may
// take.
#pragma once

#include "base/clock.h"
#include "kube/client.h"

namespace raykeep::control {

using boost::asio::awaitable;

/// References outlive every coroutine that is given an Access.
struct Access {
  kube::Client& client;
  const Clock& clock;
  Duration request_timeout = std::chrono::seconds(30);

  /// For one request, never later than `whole`.
  Deadline request() const { return Deadline::after(clock, request_timeout); }
};

/// Waits; ends early and throws Failure::cancelled when the coroutine is cancelled.
awaitable<void> pause(Duration span);

}  // namespace raykeep::control
