// raykeep report: what a reviewer asks for, of a cluster that runs or of documents that would.
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>

#include <fmt/format.h>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/findings_output.h"
#include "cli/input.h"
#include "cli/report_input.h"
#include "cli/session.h"
#include "control/ray_pod.h"
#include "report/model.h"
#include "report/page.h"

#ifndef RAYKEEP_VERSION
#define RAYKEEP_VERSION "0"
#endif

namespace raykeep::cli {
namespace {

using control::Access;
using control::awaitable;

[[noreturn]] void fail(const std::string& text) { throw Failure(Failure::Kind::invalid, text); }

/// Nothing when no file is named.
std::optional<report::Verified> read_verified(const std::string& path, const std::string& cluster,
                                              const std::string& ns) {
  if (path.empty()) return std::nullopt;
  std::ifstream file(path, std::ios::binary);
  if (!file) fail(fmt::format("read {}: {}", quoted(path), std::strerror(errno)));
  std::string text(report::verified_limits.bytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > report::verified_limits.bytes)
    fail(fmt::format("{} has more than {} bytes", quoted(path), report::verified_limits.bytes));
  Result<report::Verified> read = report::parse_verified(text, cluster, ns);
  if (!read) fail(fmt::format("{}: {}", quoted(path), read.error().text));
  return std::move(*read);
}

void write(const std::string& path, const std::string& text) {
  if (path.empty()) {
    fmt::print("{}", text);
    return;
  }
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << text;
  file.close();
  if (!file) fail(fmt::format("write {}: {}", quoted(path), std::strerror(errno)));
}

void write_report(const ReportArguments& arguments, const report::Input& input) {
  doc::Object model = report::model(input);
  write(arguments.file,
        arguments.output == Output::json ? doc::write_json_pretty(model) : report::page(model));
}

/// The cluster that is meant among those of the documents.
std::size_t chosen(const std::vector<plan::Plan>& plans, const std::string& name) {
  if (name.empty() && plans.size() == 1) return 0;
  for (std::size_t i = 0; i < plans.size(); ++i) {
    if (plans[i].cluster == name) return i;
  }
  if (name.empty()) fail("the documents have several clusters: name one, as raykeep report NAME");
  fail(fmt::format("the documents have no cluster {}", quoted(name)));
}

int report_files(const ReportArguments& arguments) {
  Input input = read_input(arguments.input);
  std::vector<plan::Plan> plans = plans_of(input, arguments.connection.choice.ns, "default");
  print(stderr, input.findings);
  if (!input.usable()) return ExitCode::findings;
  const std::size_t at = chosen(plans, arguments.name);
  write_report(arguments,
               {.plan = plans[at],
                .cluster = input.clusters[at],
                .site = input.site,
                .controller_rights = controller_rights(input.site),
                .verified = read_verified(arguments.verified, plans[at].cluster, plans[at].ns),
                .program = RAYKEEP_VERSION,
                .at = time_now()});
  return ExitCode::done;
}

awaitable<int> report_cluster(const Access& access, const ReportArguments& arguments,
                              const std::string& ns) {
  std::string cluster = arguments.name;
  if (cluster.empty()) cluster = co_await control::only_cluster(access, ns);
  auto verified = read_verified(arguments.verified, cluster, ns);
  LiveCluster live = co_await look_at_cluster(access, ns, cluster);
  write_report(arguments, {.plan = live.plan,
                           .cluster = live.stored.cluster,
                           .site = live.stored.site,
                           .controller_rights = controller_rights(live.stored.site),
                           .running = std::move(live.running),
                           .verified = std::move(verified),
                           .certificates = std::move(live.certificates),
                           .program = RAYKEEP_VERSION,
                           .at = live.at});
  co_return ExitCode::done;
}

}  // namespace

int run(const ReportArguments& arguments) {
  if (!arguments.input.files.empty()) return report_files(arguments);
  if (!arguments.input.site.empty())
    fail("--site goes with -f: a cluster that runs has its Site stored beside its document");
  kube::Config config = connection_config(arguments.connection);
  return run_session(
      config, arguments.connection.request_timeout,
      [&](const Access& access) { return report_cluster(access, arguments, config.ns); },
      "nothing was written");
}

}  // namespace raykeep::cli
