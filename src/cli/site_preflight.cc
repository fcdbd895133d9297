// raykeep site preflight: everything that stands between the documents and their running, in one
// run.
#include <chrono>

#include <algorithm>

#include <fmt/format.h>

#include "cli/exit_code.h"
#include "cli/findings_output.h"
#include "cli/input.h"
#include "cli/session.h"
#include "cli/site_actions.h"
#include "cli/terminal.h"
#include "preflight/preflight.h"

namespace raykeep::cli {
namespace {

using control::Access;
using control::awaitable;
using preflight::Obstacles;
using preflight::Wanted;
using preflight::Weight;

/// What is wanted in each namespace. Without documents the place alone is looked at.
std::vector<Wanted> wanted(Input& input, const std::string& ns, const std::string& fallback) {
  std::vector<Wanted> out;
  std::vector<plan::Plan> plans = plans_of(input, ns, fallback);
  for (std::size_t i = 0; i < plans.size(); ++i) {
    auto at = std::ranges::find(out, plans[i].ns, &Wanted::ns);
    if (at == out.end()) {
      Wanted one;
      one.ns = plans[i].ns;
      one.site = input.site;
      at = out.insert(out.end(), std::move(one));
    }
    at->clusters.push_back(input.clusters[i]);
    at->plans.push_back(std::move(plans[i]));
  }
  if (out.empty()) {
    out.emplace_back();
    out.back().ns = ns.empty() ? fallback : ns;
    out.back().site = input.site;
  }
  return out;
}

std::string summary(const Obstacles& obstacles, const std::string& ns, double seconds) {
  auto count = [&](Weight weight) {
    return std::ranges::count(obstacles, weight, &preflight::Obstacle::weight);
  };
  const auto blocks = count(Weight::blocks), may = count(Weight::may_block),
             unchecked = count(Weight::unchecked);
  std::string out = blocks + may == 0
                        ? fmt::format("nothing stands in the way in namespace {}", ns)
                        : fmt::format("namespace {}: {} in the way, {} may be", ns, blocks, may);
  if (unchecked > 0) out += fmt::format("; {} could not be checked", unchecked);
  return fmt::format("{} ({:.1f} s)", out, seconds);
}

awaitable<int> preflight_all(const Access& access, const SiteArguments& arguments,
                             const std::vector<Wanted>& all) {
  doc::Array answers;
  bool any = false;
  for (const Wanted& each : all) {
    const Instant began = access.clock.now();
    Obstacles obstacles = co_await preflight::preflight(
        access, each, {.pods = arguments.pods && !each.plans.empty()});
    const double seconds = std::chrono::duration<double>(access.clock.now() - began).count();
    any |= preflight::any_in_the_way(obstacles);
    if (arguments.output == Output::json) {
      answers.push_back(doc::Object{{"namespace", each.ns},
                                    {"seconds", seconds},
                                    {"obstacles", preflight::to_json(obstacles)}});
    } else {
      fmt::print("{}{}{}\n", preflight::to_text(obstacles), obstacles.empty() ? "" : "\n",
                 summary(obstacles, each.ns, seconds));
    }
  }
  if (arguments.output == Output::json)
    fmt::print("{}", doc::write_json_pretty(doc::Object{{"namespaces", std::move(answers)}}));
  co_return any ? ExitCode::findings : ExitCode::done;
}

}  // namespace

int site_preflight(const SiteArguments& arguments) {
  Input input = read_input(arguments.input);
  if (!input.usable()) {
    print(stderr, input.findings);
    return ExitCode::findings;
  }
  kube::Config config = connection_config(arguments.connection);
  std::vector<Wanted> all = wanted(input, arguments.connection.choice.ns, config.ns);
  print(stderr, input.findings);
  if (!input.usable()) return ExitCode::findings;
  return run_session(
      config, arguments.connection.request_timeout,
      [&](const Access& access) { return preflight_all(access, arguments, all); },
      "what preflight had made is removed");
}

}  // namespace raykeep::cli
