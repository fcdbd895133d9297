// raykeep: reads the command line, runs one subcommand, turns what went wrong into one sentence and
// an exit code.
#include <csignal>
#include <cstdio>

#include <fmt/format.h>

#include "base/error.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/terminal.h"

namespace {

using raykeep::Failure;
using namespace raykeep::cli;

/// Text that was lost on its way (a full disk, a closed pipe) must not look like success.
int flushed(int exit_code) {
  bool lost = std::fflush(stdout) != 0 || std::ferror(stdout) != 0;
  if (lost && exit_code == ExitCode::done) {
    fmt::print(stderr, "{}: standard output could not be written\n",
               coloured(stderr, Colour::red, "error"));
    return ExitCode::failed;
  }
  return exit_code;
}

int run_command(const Command& command) {
  try {
    return flushed(std::visit([](const auto& arguments) { return run(arguments); }, command));
  } catch (const Failure& failure) {
    std::fflush(stdout);
    if (failure.kind() == Failure::Kind::cancelled) {
      fmt::print(stderr, "{}\n", failure.what());
      return ExitCode::interrupted;
    }
    fmt::print(stderr, "{}: {}\n", coloured(stderr, Colour::red, "error"), failure.what());
    return ExitCode::failed;
  } catch (const std::exception& problem) {
    std::fflush(stdout);
    fmt::print(stderr, "{}: {}: this should not happen, please report it\n",
               coloured(stderr, Colour::red, "error"), problem.what());
    return ExitCode::failed;
  }
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  auto command = parse_arguments(argc, argv);
  if (!command) {
    std::FILE* to = command.error().exit_code == ExitCode::done ? stdout : stderr;
    fmt::print(to, "{}", command.error().text);
    return flushed(command.error().exit_code);
  }
  return run_command(*command);
}
