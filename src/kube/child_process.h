// Runs a program and reads what it prints. Only what gives credentials is run: kubectl's plugins,
// and docker's credential helpers.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "base/clock.h"

namespace raykeep::kube {

struct ChildProcess {
  std::string command;  // looked up in PATH unless it holds a slash; no shell
  std::vector<std::string> args;
  std::vector<std::pair<std::string, std::string>>
      extra_environment;    // upon ours; the later of a name counts
  bool pass_stdin = false;  // otherwise `input`
  std::string input = {};   // its standard input; nothing secret
  std::size_t most_output = 1u << 20;
};

struct ChildOutcome {
  std::string output;   // standard output; standard error goes where ours goes
  std::string problem;  // empty: it ended with exit code 0 in time
};

/// The child is killed and waited for when the deadline passes or the caller is cancelled.
boost::asio::awaitable<ChildOutcome> run_child(boost::asio::any_io_executor executor,
                                               ChildProcess child, Deadline until,
                                               const Clock& clock);

bool stdin_is_terminal();

}  // namespace raykeep::kube
