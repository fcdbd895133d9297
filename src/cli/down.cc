// raykeep down: remove a cluster, all that up made and nothing else.
#include "control/down.h"
#include "control/service_down.h"
#include "spec/ray_service.h"

#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/findings_output.h"
#include "cli/input.h"
#include "cli/progress_printer.h"
#include "cli/session.h"
#include "doc/document.h"

namespace raykeep::cli {
namespace {

using control::Access;
using control::awaitable;

struct Target {
  std::string ns;
  std::string cluster;
};

/// The clusters of the files. Only names are read: a document that is no longer valid can still be
/// taken down.
std::vector<Target> targets_in(const DownArguments& arguments, const kube::Config& config,
                               Findings& findings) {
  std::vector<Target> targets;
  for (const std::string& file : arguments.input.files) {
    doc::ReadResult read = doc::read_file(file);
    findings.insert(findings.end(), read.findings.begin(), read.findings.end());
    for (const doc::Document& document : read.documents) {
      const std::string_view kind = doc::find_string(document.value, {"kind"});
      if (kind != "RayCluster" && kind != spec::ray_service_kind) continue;
      std::string name(doc::find_string(document.value, {"metadata", "name"}));
      std::string ns(doc::find_string(document.value, {"metadata", "namespace"}));
      if (!arguments.connection.choice.ns.empty() || ns.empty()) ns = config.ns;
      if (!name.empty()) targets.push_back({ns, name});
    }
  }
  return targets;
}

void say_end(const DownArguments& arguments, const Target& target, control::DownOutcome outcome) {
  bool nothing = outcome == control::DownOutcome::nothing_there;
  if (arguments.output == Output::json) {
    fmt::print("{}\n", doc::write_json(doc::Object{
                           {"type", nothing                                 ? "absent"
                                    : outcome == control::DownOutcome::gone ? "gone"
                                                                            : "leftOver"},
                           {"cluster", target.cluster}}));
  } else if (nothing) {
    fmt::print(stderr, "there is no cluster {} in namespace {}\n", target.cluster, target.ns);
  } else if (arguments.output == Output::text && outcome == control::DownOutcome::gone &&
             !arguments.dry_run) {
    fmt::print("{} is gone\n", target.cluster);
  }
}

awaitable<int> down_all(const Access& access, const DownArguments& arguments,
                        const std::vector<Target>& targets) {
  bool all_gone = true;
  for (const Target& target : targets) {
    control::DownOptions options{arguments.dry_run,
                                 Deadline::after(access.clock, arguments.timeout)};
    control::Report report = progress_printer(arguments.output, target.cluster);
    // A RayService and a cluster may not have one name.
    control::DownOutcome outcome =
        co_await control::down_service(access, target.ns, target.cluster, options, report);
    if (outcome == control::DownOutcome::nothing_there)
      outcome = co_await control::down(access, target.ns, target.cluster, options, report);
    say_end(arguments, target, outcome);
    all_gone &= outcome != control::DownOutcome::left_over;
  }
  co_return all_gone ? ExitCode::done : ExitCode::failed;
}

}  // namespace

int run(const DownArguments& arguments) {
  kube::Config config = connection_config(arguments.connection);
  Findings findings;
  std::vector<Target> targets = targets_in(arguments, config, findings);
  if (!arguments.name.empty()) targets.push_back({config.ns, arguments.name});
  print(stderr, findings);
  if (has_errors(findings)) return ExitCode::findings;
  if (targets.empty())
    throw Failure(Failure::Kind::invalid, "down: the files name no RayCluster or RayService");
  return run_session(
      config, arguments.connection.request_timeout,
      [&](const Access& access) { return down_all(access, arguments, targets); },
      "what is left stays, and the same raykeep down goes on from here");
}

}  // namespace raykeep::cli
