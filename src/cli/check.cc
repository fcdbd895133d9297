// raykeep check: every finding of reading, parsing and planning, without a cluster.
#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "base/text.h"
#include "cli/codes.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/findings_output.h"
#include "cli/input.h"
#include "cli/profile_findings.h"
#include "cli/terminal.h"

namespace raykeep::cli {
namespace {

int explain(const std::string& code) {
  std::string text = codes::explain(code);
  if (text.empty()) {
    fmt::print(stderr, "check: there is no finding with the code {}\n", quoted(code));
    return ExitCode::wrong_usage;
  }
  fmt::print("{}: {}\n", code, text);
  return ExitCode::done;
}

/// "demo: 1 StatefulSet, 2 Deployments, ..."
std::string what_would_be_made(const plan::Plan& plan) {
  std::vector<std::pair<std::string, int>> counts;
  for (const doc::Value& object : plan.objects) {
    std::string kind(doc::find_string(object, {"kind"}));
    auto at = std::ranges::find(counts, kind, &std::pair<std::string, int>::first);
    if (at == counts.end()) at = counts.insert(counts.end(), {kind, 0});
    ++at->second;
  }
  std::vector<std::string> parts;
  for (const auto& [kind, count] : counts) {
    std::string many = kind.ends_with('y') ? kind.substr(0, kind.size() - 1) + "ies" : kind + "s";
    parts.push_back(fmt::format("{} {}", count, count == 1 ? kind : many));
  }
  return fmt::format("{}: good; {} objects: {}",
                     plan.service.empty()
                         ? fmt::format("RayCluster {}", plan.cluster)
                         : fmt::format("RayService {}, cluster {}", plan.service, plan.cluster),
                     plan.objects.size(), join(parts, ", "));
}

}  // namespace

int run(const CheckArguments& arguments) {
  if (!arguments.explain.empty()) return explain(arguments.explain);
  Input input = read_input(arguments.input);
  // A namespace is no property of a document, so check does not ask for one.
  std::vector<plan::Plan> plans = plans_of(input, arguments.ns, "default");
  std::vector<ProfileFinding> of_profiles;
  if (input.usable()) {
    of_profiles = profile_findings(input, plans, chosen_profiles(input, arguments.profiles),
                                   arguments.ns, Severity::error);
  }
  if (arguments.output == Output::json) {
    doc::Array all = to_json(input.findings);
    for (doc::Value& each : to_json(of_profiles)) all.push_back(std::move(each));
    fmt::print("{}", doc::write_json_pretty(std::move(all)));
  } else {
    print(stdout, input.findings);
    print(stdout, of_profiles);
  }
  bool warned = std::ranges::count(input.findings, Severity::warning, &Finding::severity) > 0;
  bool bad = !input.usable() || !of_profiles.empty() || (arguments.strict && warned);
  if (arguments.output == Output::text) {
    if (bad) {
      Findings all = input.findings;
      for (const ProfileFinding& each : of_profiles) all.push_back(each.finding);
      fmt::print(stderr, "{}\n", summary(all));
    }
    if (!bad)
      for (const plan::Plan& plan : plans) fmt::print("{}\n", what_would_be_made(plan));
  }
  return bad ? ExitCode::findings : ExitCode::done;
}

}  // namespace raykeep::cli
