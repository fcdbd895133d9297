// One run against a cluster: the connection, the event loop, and what Ctrl-C does. The first Ctrl-C
// (or SIGTERM) asks the work to stop where it is and says how to go on; the second ends the program
// at once.
#pragma once

#include <functional>
#include <string>

#include "cli/arguments.h"
#include "control/access.h"

#include <boost/asio/any_io_executor.hpp>

namespace raykeep::cli {

/// The configuration that the flags and the environment choose. Throws Failure::invalid when there
/// is none.
kube::Config connection_config(const ConnectionArguments& arguments);

/// Runs `work` on an event loop of its own, to its end, and returns its exit code. Interruptions as
/// above.
int run_loop(const std::function<control::awaitable<int>(boost::asio::any_io_executor executor,
                                                         const Clock& clock)>& work,
             const std::string& how_to_go_on);

/// The work of a subcommand; its result is the exit code.
using Work = std::function<control::awaitable<int>(const control::Access& access)>;

/// Runs the work to its end and returns its exit code. When it was interrupted: throws
/// Failure::cancelled with `how_to_go_on`, or returns `done` if that is empty, for work that has no
/// end of its own.
int run_session(const kube::Config& config, Duration request_timeout, const Work& work,
                const std::string& how_to_go_on);

}  // namespace raykeep::cli
