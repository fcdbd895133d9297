// raykeep drill: harms a cluster of the user's in ways that happen by themselves, and measures what
// becomes of it.
#include "control/drill.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/session.h"
#include "cli/table.h"
#include "cli/terminal.h"
#include "control/ray_pod.h"

namespace raykeep::cli {
namespace {

using control::Access;
using control::awaitable;
using control::Drill;
using control::DrillResult;

std::vector<Drill> chosen(const DrillArguments& arguments) {
  std::vector<Drill> drills;
  for (const Drill& drill : control::all_drills()) {
    if (arguments.only.empty() ||
        std::ranges::find(arguments.only, drill.name) != arguments.only.end())
      drills.push_back(drill);
  }
  return drills;
}

std::string warning(const DrillArguments& arguments, const std::string& ns) {
  std::string out = fmt::format("This harms cluster {} in namespace {}, on purpose:\n",
                                arguments.name.empty() ? "(the only one)" : arguments.name, ns);
  for (const Drill& drill : chosen(arguments))
    out += fmt::format("  {:<15} {}{}\n", drill.name, drill.what,
                       drill.head ? "" : "; what runs on that worker is lost");
  return out +
         "Each is to heal by itself, and the next waits for that. Begin with --yes; fewer with "
         "--only NAME,NAME.\n";
}

std::string verdict(const DrillResult& result) {
  if (!result.skipped.empty()) return "skipped: " + result.skipped;
  if (result.problem.empty()) return coloured(stdout, Colour::green, "good");
  std::string first =
      result.first_failure.empty() ? "" : fmt::format(" ({})", result.first_failure);
  return coloured(stdout, Colour::red, "FAILED") + ": " + harmless(result.problem + first);
}

std::string to_text(const std::vector<DrillResult>& results, bool served) {
  std::vector<Row> rows = {
      {"DRILL", "ALL WELL AFTER", "OUTAGE", "REQUESTS", "WORKERS LOST", "ACTORS KEPT", "RESULT"}};
  for (const DrillResult& each : results) {
    if (!each.skipped.empty()) {
      rows.push_back({each.drill, "-", "-", "-", "-", "-", verdict(each)});
      continue;
    }
    rows.push_back(
        {each.drill, fmt::format("{:.1f} s", each.recovered_seconds),
         each.outage_seconds ? fmt::format("{:.2f} s", *each.outage_seconds) : "-",
         served ? fmt::format("{}, {} failed", each.requests, each.failed_requests) : "-",
         fmt::format("{}", each.workers_restarted),
         each.actors_known ? fmt::format("{} of {}", each.actors_kept, each.actors) : "-",
         verdict(each)});
  }
  return table(rows);
}

doc::Object to_json(const DrillResult& result) {
  doc::Object out{{"drill", result.drill},
                  {"good", result.problem.empty() && result.skipped.empty()},
                  {"problem", result.problem}};
  if (!result.skipped.empty()) {
    out["skipped"] = result.skipped;
    return out;
  }
  out["recoveredSeconds"] = result.recovered_seconds;
  if (result.outage_seconds) out["outageSeconds"] = *result.outage_seconds;
  out["requests"] = result.requests;
  out["failedRequests"] = result.failed_requests;
  if (!result.first_failure.empty()) out["firstFailure"] = result.first_failure;
  out["workersRestarted"] = result.workers_restarted;
  if (result.actors_known) {
    out["actors"] = result.actors;
    out["actorsKept"] = result.actors_kept;
  }
  return out;
}

awaitable<int> drill(const Access& access, const DrillArguments& arguments, const std::string& ns) {
  std::string cluster = arguments.name;
  if (cluster.empty()) cluster = co_await control::only_cluster(access, ns);
  control::DrillOptions options{.only = arguments.only,
                                .timeout = arguments.timeout,
                                .serve_path = arguments.serve_path,
                                .serve_port = arguments.serve_port,
                                .rate = arguments.rate};
  std::FILE* aside = arguments.output == Output::json ? stderr : stdout;
  auto results = co_await control::run_drills(access, ns, cluster, std::move(options),
                                              [aside](const std::string& line) {
                                                fmt::print(aside, "{}\n", line);
                                                std::fflush(aside);
                                              });
  if (arguments.output == Output::json) {
    doc::Array items;
    for (const DrillResult& each : results) items.push_back(to_json(each));
    doc::Value value = doc::Object{{"cluster", cluster}, {"namespace", ns}, {"drills", items}};
    fmt::print("{}", doc::write_json_pretty(value));
  } else {
    fmt::print("\n{}", to_text(results, !arguments.serve_path.empty()));
  }
  bool good =
      std::ranges::all_of(results, [](const DrillResult& each) { return each.problem.empty(); });
  co_return good ? ExitCode::done : ExitCode::failed;
}

}  // namespace

int run(const DrillArguments& arguments) {
  kube::Config config = connection_config(arguments.connection);
  if (!arguments.yes) {
    fmt::print(stderr, "{}", warning(arguments, config.ns));
    return ExitCode::wrong_usage;
  }
  return run_session(
      config, arguments.connection.request_timeout,
      [&](const Access& access) { return drill(access, arguments, config.ns); },
      "what was harmed heals by itself; raykeep status shows it");
}

}  // namespace raykeep::cli
