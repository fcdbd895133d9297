// raykeep status: how the namespace's clusters are, what ails them, and what to do about it.
#include "control/status.h"

#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/session.h"
#include "cli/status_output.h"
#include "cli/terminal.h"
#include "control/presence.h"
#include "doc/document.h"

namespace raykeep::cli {
namespace {

using control::Access;
using control::awaitable;
using control::ClusterStatus;

constexpr Duration between_looks = std::chrono::seconds(2);

awaitable<void> warn_of_missing_controller(const Access& access, const std::string& ns,
                                           ClusterStatus& status) {
  bool gone = co_await control::controller_is_gone(access, ns);
  if (gone)
    status.warnings.push_back(
        "the controller has said nothing for a minute: its conditions are as it left them, and "
        "nobody replaces a head on a lost node; kubectl get pods -l "
        "app.kubernetes.io/name=raykeep-controller");
}

awaitable<std::vector<ClusterStatus>> look(const Access& access, std::string ns, std::string name) {
  std::vector<std::string> names;
  if (name.empty()) {
    names = co_await control::clusters_in(access, ns);
  } else {
    names.push_back(name);
  }
  std::vector<ClusterStatus> all;
  for (const std::string& cluster : names) {
    control::Observed observed = co_await control::observe(access, ns, cluster, {});
    if (observed.empty()) continue;
    co_await control::fetch_logs(access, observed);
    co_await control::ask_agent(access, observed);
    ClusterStatus status = control::status_of(observed);
    if (!status.conditions.empty()) co_await warn_of_missing_controller(access, ns, status);
    all.push_back(std::move(status));
  }
  co_return all;
}

void print_all(const std::vector<ClusterStatus>& all, Output output) {
  if (output == Output::name) {
    for (const ClusterStatus& status : all) fmt::print("{}\n", status.name);
  } else if (output == Output::json || output == Output::yaml) {
    doc::Array items;
    for (const ClusterStatus& status : all) items.push_back(to_json(status));
    doc::Value value = doc::Object{{"clusters", std::move(items)}};
    fmt::print("{}",
               output == Output::json ? doc::write_json_pretty(value) : doc::write_yaml(value));
  } else {
    for (const ClusterStatus& status : all)
      fmt::print("{}{}", &status == all.data() ? "" : "\n",
                 to_text(status, output == Output::wide));
  }
}

awaitable<int> show_once(const Access& access, const StatusArguments& arguments,
                         const std::string& ns) {
  std::vector<ClusterStatus> all = co_await look(access, ns, arguments.name);
  print_all(all, arguments.output);
  if (!all.empty()) co_return ExitCode::done;
  if (arguments.output == Output::text || arguments.output == Output::wide) {
    std::string which =
        arguments.name.empty() ? "cluster of Raykeep's" : "cluster " + arguments.name;
    fmt::print(stderr, "there is no {} in namespace {}\n", which, ns);
  }
  co_return arguments.name.empty() ? ExitCode::done : ExitCode::failed;
}

/// Draws anew on a terminal; elsewhere a line, or a JSON object, for each change.
awaitable<int> keep_showing(const Access& access, const StatusArguments& arguments,
                            const std::string& ns) {
  bool redraw = is_terminal(stdout) && arguments.output != Output::json;
  std::string last;
  bool looked = false, away = false;
  for (;;) {
    if (is_abandoned(stdout)) co_return ExitCode::failed;
    std::vector<ClusterStatus> all;
    try {
      all = co_await look(access, ns, arguments.name);
      if (std::exchange(away, false)) fmt::print(stderr, "the API server answers again\n");
    } catch (const Failure& failure) {
      // The first time it is the question that is wrong, or the server was never there.
      if (!failure.passes() || !looked) throw;
      if (!std::exchange(away, true))
        fmt::print(stderr, "{}; trying again\n", harmless(failure.what()));
    }
    if (away) {
      co_await control::pause(between_looks);
      continue;
    }
    looked = true;
    std::string now;
    if (redraw) fmt::print("\x1b[H\x1b[2J");
    if (redraw) print_all(all, arguments.output);
    for (const ClusterStatus& status : all) {
      doc::Object json = to_json(status);
      if (!redraw)
        now += arguments.output == Output::json ? doc::write_json(json) + '\n'
                                                : to_line(status) + '\n';
    }
    if (now != last && !redraw) fmt::print("{}", now);
    last = now;
    std::fflush(stdout);
    co_await control::pause(between_looks);
  }
}

}  // namespace

int run(const StatusArguments& arguments) {
  kube::Config config = connection_config(arguments.connection);
  auto work = [&](const Access& access) {
    return arguments.watch ? keep_showing(access, arguments, config.ns)
                           : show_once(access, arguments, config.ns);
  };
  return run_session(config, arguments.connection.request_timeout, work,
                     arguments.watch ? "" : "nothing was changed");
}

}  // namespace raykeep::cli
