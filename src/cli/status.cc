// raykeep status: how the namespace's clusters are, what ails them, and what to do about it.
#include "control/status.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/service_output.h"
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

/// What is in a namespace, or that of one name.
struct Looked {
  std::vector<ServiceReport> services;
  std::vector<ClusterStatus> clusters;
  bool empty() const { return services.empty() && clusters.empty(); }
};

awaitable<std::vector<ServiceReport>> look_at_services(const Access& access, std::string ns,
                                                       std::string name) {
  std::vector<ServiceReport> all;
  for (const std::string& each : co_await control::services_in(access, ns)) {
    if (name.empty() || name == each) all.push_back(co_await look_at_service(access, ns, each));
  }
  co_return all;
}

awaitable<std::vector<ClusterStatus>> look_at_clusters(const Access& access, std::string ns,
                                                       std::string name) {
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

/// A RayService's name stands for it and for its clusters.
awaitable<Looked> look(const Access& access, std::string ns, std::string name) {
  Looked all;
  all.services = co_await look_at_services(access, ns, name);
  if (name.empty() || all.services.empty()) {
    all.clusters = co_await look_at_clusters(access, ns, name);
    co_return all;
  }
  for (const control::Observed& each : all.services.front().seen.clusters) {
    std::vector<ClusterStatus> clusters = co_await look_at_clusters(access, ns, each.cluster);
    std::ranges::move(clusters, std::back_inserter(all.clusters));
  }
  co_return all;
}

void print_all(const Looked& all, Output output) {
  if (output == Output::name) {
    for (const ServiceReport& report : all.services) fmt::print("{}\n", report.seen.name);
    for (const ClusterStatus& status : all.clusters) fmt::print("{}\n", status.name);
  } else if (output == Output::json || output == Output::yaml) {
    doc::Array services, clusters;
    for (const ServiceReport& report : all.services) services.push_back(to_json(report));
    for (const ClusterStatus& status : all.clusters) clusters.push_back(to_json(status));
    doc::Object value{{"clusters", std::move(clusters)}};
    if (!services.empty()) value["services"] = std::move(services);
    fmt::print("{}",
               output == Output::json ? doc::write_json_pretty(value) : doc::write_yaml(value));
  } else {
    std::string_view between;
    for (const ServiceReport& report : all.services) {
      fmt::print("{}{}", between, to_text(report));
      between = "\n";
    }
    for (const ClusterStatus& status : all.clusters) {
      fmt::print("{}{}", between, to_text(status, output == Output::wide));
      between = "\n";
    }
  }
}

awaitable<int> show_once(const Access& access, const StatusArguments& arguments,
                         const std::string& ns) {
  Looked all = co_await look(access, ns, arguments.name);
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
    Looked all;
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
    for (const ServiceReport& report : all.services) {
      if (!redraw)
        now += arguments.output == Output::json ? doc::write_json(to_json(report)) + '\n'
                                                : to_line(report) + '\n';
    }
    for (const ClusterStatus& status : all.clusters) {
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
