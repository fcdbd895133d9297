// raykeep probe: what verify and preflight run inside pods. Its output is for them.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "verify/probe_program.h"

namespace raykeep::cli {
namespace {

verify::ProbeTasks tasks_of(const ProbeArguments& arguments) {
  verify::ProbeTasks tasks{
      .probe = {.targets = {},
                .patience = arguments.timeout,
                .tries = arguments.tries,
                .speak = arguments.speak ? net::Speak::plaintext : net::Speak::nothing},
      .sockets = arguments.sockets,
      .listening = arguments.listening,
      .stay = arguments.wait};
  tasks.tls.patience = arguments.timeout;
  for (const std::string& word : arguments.targets) {
    if (arguments.tls) {
      Result<std::vector<verify::TlsTarget>> some = verify::parse_tls_targets(word);
      if (!some) throw Failure(Failure::Kind::invalid, "probe: " + some.error().text);
      tasks.tls.targets.insert(tasks.tls.targets.end(), some->begin(), some->end());
      continue;
    }
    Result<std::vector<verify::Target>> some = verify::parse_targets(word);
    if (!some) throw Failure(Failure::Kind::invalid, "probe: " + some.error().text);
    tasks.probe.targets.insert(tasks.probe.targets.end(), some->begin(), some->end());
  }
  return tasks;
}

}  // namespace

int run(const ProbeArguments& arguments) {
  SteadyClock clock;
  boost::asio::io_context loop(1);
  // As process 1 of a container the program has no default action for signals.
  boost::asio::signal_set signals(loop, SIGINT, SIGTERM);
  signals.async_wait([&loop](const boost::system::error_code& failed, int) {
    if (!failed) loop.stop();
  });
  std::exception_ptr problem;
  boost::asio::co_spawn(loop,
                        verify::probe_program(loop.get_executor(), tasks_of(arguments), clock),
                        [&](std::exception_ptr thrown) {
                          problem = thrown;
                          loop.stop();
                        });
  loop.run();
  if (problem) std::rethrow_exception(problem);
  return ExitCode::done;
}

}  // namespace raykeep::cli
