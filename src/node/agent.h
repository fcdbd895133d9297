// The agent: process 1 of a Ray container. It starts Ray by the user's command, keeps Ray's
// processes, answers probes, and leaves in good order. What to do is decided by decide(); this is
// what carries it out.
//
// The command runs `ray start` without --block and ends; Ray's daemons then are our children, which
// is how each can be watched and restarted by itself.
#pragma once

#include <memory>
#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "base/clock.h"
#include "node/log.h"
#include "node/options.h"

namespace raykeep::node {

class Agent {
 public:
  /// Listens at once. Throws Failure::invalid when a port is taken or a file cannot be used. All
  /// arguments must outlive it. `version` is Raykeep's own.
  Agent(boost::asio::any_io_executor executor, const Options& options, std::string version,
        const Clock& clock, const Log& log);
  ~Agent();
  Agent(const Agent&) = delete;

  /// Until SIGTERM or SIGINT, or until nothing helps. Gives the exit code.
  boost::asio::awaitable<int> run();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace raykeep::node
