// The controller: keeps a namespace's stored documents true, and replaces a head whose node is
// lost. It holds one Lease, so of several replicas one acts; watches what the clusters are made of;
// asks each head's agent once a second; and gives each cluster that needs it a turn (keeper.h).
//
// It keeps nothing that may not be lost. Without it everything runs on: what then waits for
// somebody awake is a head on a lost node, and what somebody changed by hand.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "control/access.h"
#include "control/keeper.h"
#include "control/persisted.h"

namespace raykeep::control {

struct ControllerOptions {
  KeeperOptions keeper;
  std::string version;
  int port = controller_port;  // /livez, /readyz, /metrics; 0: any free one
  int agent_port = 52370;      // of the heads
  /// Signs certificates of Ray's nodes that last so long; nothing: none.
  std::optional<std::chrono::seconds> certificate_lifetime = {};
  int signing_port = flow::signing_port;  // 0: any free one
};

class Controller {
 public:
  /// `access` must outlive it. Throws Failure::invalid when the port cannot be had.
  Controller(boost::asio::any_io_executor executor, const Access& access, ControllerOptions options,
             ControllerLog log);
  ~Controller();
  Controller(const Controller&) = delete;

  int port() const;
  int signing_port() const;  // 0: it does not sign

  /// Until cancelled; then it stops, gives the Lease back and throws Failure::cancelled. Throws
  /// Failure::bug when a part of it ended by itself: to begin anew is safe.
  awaitable<void> run();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace raykeep::control
