// raykeep site redis-acl: the rule that a Redis' administrator writes down for a cluster, and no
// more than the cluster needs.
#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/findings_output.h"
#include "cli/input.h"
#include "control/redis_acl.h"

namespace raykeep::cli {
namespace {

/// The user that the head logs in as; where only a Secret knows it, a name to be replaced.
std::string user_of(const SiteArguments& arguments, const plan::Plan& plan) {
  if (!arguments.user.empty()) return arguments.user;
  const std::string& written = plan.storage.user.literal.reveal();
  return written.empty() ? "raykeep" : written;
}

void print_rule(const SiteArguments& arguments, const plan::Plan& plan) {
  using Backend = spec::Storage::Backend;
  if (plan.storage.backend == Backend::managed_redis) {
    fmt::print(stderr, "{}: Raykeep runs this cluster's Redis and writes its rules itself\n",
               plan.cluster);
    return;
  }
  if (plan.storage.backend != Backend::redis) {
    fmt::print(stderr, "{}: its head keeps no state in Redis\n", plan.cluster);
    return;
  }
  fmt::print("{}\n", control::redis_acl(user_of(arguments, plan), plan.storage_namespace));
}

}  // namespace

int run(const SiteArguments& arguments) {
  Input input = read_input(arguments.input);
  std::vector<plan::Plan> plans = plans_of(input, arguments.ns, "default");
  print(stderr, input.findings);
  if (!input.usable()) return ExitCode::findings;
  for (const plan::Plan& plan : plans) print_rule(arguments, plan);
  fmt::print(stderr, "add the password to each line, as >PASSWORD or #SHA256\n");
  return ExitCode::done;
}

}  // namespace raykeep::cli
