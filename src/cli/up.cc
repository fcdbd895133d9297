// raykeep up: make the namespace what the documents say, and wait until Ray is ready.
#include "control/up.h"
#include "control/service_up.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/findings_output.h"
#include "cli/input.h"
#include "cli/profile_findings.h"
#include "cli/progress_printer.h"
#include "cli/service_room.h"
#include "cli/session.h"
#include "cli/terminal.h"
#include "control/fields.h"

namespace raykeep::cli {
namespace {

using control::Access;
using control::awaitable;

bool is_suspended(const plan::Plan& plan) {
  return std::ranges::none_of(plan.objects, [](const doc::Value& object) {
    return control::integer_at(object, {"spec", "replicas"}) > 0;
  });
}

void say_ready(const UpArguments& arguments, const plan::Plan& plan) {
  if (arguments.output == Output::json)
    fmt::print("{{\"type\":\"ready\",\"cluster\":\"{}\"}}\n", plan.cluster);
  if (arguments.output != Output::text) return;
  if (is_suspended(plan)) {
    fmt::print("{} is suspended: no pods are wanted\n", plan.cluster);
    return;
  }
  fmt::print("{} is {}; next: raykeep connect {} -n {}\n", plan.cluster,
             coloured(stdout, Colour::green, "ready"), plan.cluster, plan.ns);
}

void say_serving(const UpArguments& arguments, const plan::ServicePlan& plan) {
  if (arguments.output == Output::json)
    fmt::print("{{\"type\":\"ready\",\"service\":\"{}\"}}\n", plan.service);
  if (arguments.output == Output::text)
    fmt::print("{} {}; next: raykeep serve status {} -n {}\n", plan.service,
               coloured(stdout, Colour::green, "serves"), plan.service, plan.ns);
}

awaitable<int> up_all(const Access& access, const UpArguments& arguments,
                      const std::vector<plan::Plan>& plans, const Input& input,
                      const std::vector<plan::ServicePlan>& services) {
  bool all_good = true;
  for (std::size_t i = 0; i < services.size(); ++i) {
    const plan::ServicePlan& plan = services[i];
    const std::string missing =
        co_await lack_of_room(access, plan, input.services[i].service, input.site);
    if (!missing.empty()) throw Failure(Failure::Kind::invalid, missing);
    control::UpOptions options{arguments.wait, arguments.dry_run,
                               Deadline::after(access.clock, arguments.timeout)};
    bool good = co_await control::up_service(access, plan, options,
                                             progress_printer(arguments.output, plan.service));
    if (good && arguments.wait && !arguments.dry_run) say_serving(arguments, plan);
    all_good &= good;
  }
  for (const plan::Plan& plan : plans) {
    control::UpOptions options{arguments.wait, arguments.dry_run,
                               Deadline::after(access.clock, arguments.timeout)};
    bool good = co_await control::up(access, plan, options,
                                     progress_printer(arguments.output, plan.cluster));
    if (good && arguments.wait && !arguments.dry_run) say_ready(arguments, plan);
    all_good &= good;
  }
  co_return all_good ? ExitCode::done : ExitCode::failed;
}

}  // namespace

int run(const UpArguments& arguments) {
  Input input = read_input(arguments.input);
  if (!input.usable()) {
    print(stderr, input.findings);
    return ExitCode::findings;
  }
  kube::Config config = connection_config(arguments.connection);
  std::vector<plan::Plan> plans = plans_of(input, arguments.connection.choice.ns, config.ns);
  print(stderr, input.findings);
  if (!input.usable()) return ExitCode::findings;
  // What a profile forbids is the admission's to refuse, not up's.
  print(stderr,
        profile_findings(input, plans, chosen_profiles(input), config.ns, Severity::warning));
  const std::vector<plan::ServicePlan> services =
      service_plans_of(input, arguments.connection.choice.ns, config.ns);
  // A RayService's cluster is made with it.
  std::erase_if(plans, [&](const plan::Plan& plan) {
    return std::ranges::any_of(services, [&](const plan::ServicePlan& service) {
      return service.cluster == plan.cluster && service.ns == plan.ns;
    });
  });
  return run_session(
      config, arguments.connection.request_timeout,
      [&](const Access& access) { return up_all(access, arguments, plans, input, services); },
      fmt::format("what was applied stays, and the same raykeep up -f {} goes on from here",
                  join(arguments.input.files, " -f ")));
}

}  // namespace raykeep::cli
