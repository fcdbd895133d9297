// raykeep site: init and preflight ask a cluster and have files of their own; here is what the
// people around a Site are asked for. redis-acl: the rule that a Redis' administrator writes down
// for a cluster, and no more than the cluster needs. policies: what a namespace's rights do not
// suffice for, in the dialect of whoever enforces policies. mesh: what tightens a service mesh.
#include <set>

#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/findings_output.h"
#include "cli/input.h"
#include "cli/site_actions.h"
#include "control/redis_acl.h"
#include "flow/controller_flows.h"
#include "plan/dialect.h"
#include "plan/mesh_file.h"

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
  std::string line = control::redis_acl(user_of(arguments, plan), plan.storage_namespace);
  // Another cluster comes with each upgrade of a RayService: "?" is any character in Redis'
  // patterns.
  const std::size_t at = line.find('.' + plan.cluster + '.');
  if (!plan.service.empty() && at != line.npos)
    line.replace(at + 1, plan.cluster.size(),
                 plan.service + '-' + std::string(spec::cluster_suffix_length - 1, '?'));
  fmt::print("{}\n", line);
}

/// What the administrator applies for the clusters of a namespace, and its controller.
std::string policies_in(const std::string& ns, const std::vector<plan::Plan>& plans,
                        const spec::Site& site) {
  plan::DialectInput input{
      .site = site, .ns = ns, .clusters = {}, .controller = flow::controller_flows(site, {})};
  for (const plan::Plan& plan : plans) {
    if (plan.ns == ns) input.clusters.push_back({plan.cluster, plan.flows, plan.service});
  }
  return plan::to_text(plan::administrator_file(input));
}

/// What whoever looks after the mesh applies for them.
std::string mesh_in(const std::string& ns, const std::vector<plan::Plan>& plans,
                    const spec::Site& site) {
  plan::MeshFileInput input{
      .site = site, .ns = ns, .plans = {}, .controller = flow::controller_flows(site, {})};
  for (const plan::Plan& plan : plans) {
    if (plan.ns == ns) input.plans.push_back(&plan);
  }
  return plan::to_text(plan::mesh_file(input));
}

/// A text for each namespace of the plans.
void print_each(const std::vector<plan::Plan>& plans, const spec::Site& site,
                decltype(policies_in)& text_in) {
  std::set<std::string> namespaces;
  for (const plan::Plan& plan : plans) {
    if (!namespaces.insert(plan.ns).second) continue;
    if (namespaces.size() > 1) fmt::print("---\n");
    fmt::print("{}", text_in(plan.ns, plans, site));
  }
}

void print_rules(const SiteArguments& arguments, const std::vector<plan::Plan>& plans) {
  for (const plan::Plan& plan : plans) print_rule(arguments, plan);
  fmt::print(stderr,
             "add the password to each line, as >PASSWORD or #SHA256\n"
             "an append-only file is replayed with the default user's rights (Redis 7.0): to shut "
             "that user out, write \"user default off ~* &* +@all\", or a restart loses data\n");
}

}  // namespace

int run(const SiteArguments& arguments) {
  if (arguments.action == "init") return site_init(arguments);
  if (arguments.action == "preflight") return site_preflight(arguments);
  Input input = read_input(arguments.input);
  std::vector<plan::Plan> plans = plans_of(input, arguments.connection.choice.ns, "default");
  print(stderr, input.findings);
  if (!input.usable()) return ExitCode::findings;
  if (arguments.action == "policies") {
    print_each(plans, input.site, policies_in);
  } else if (arguments.action == "mesh") {
    print_each(plans, input.site, mesh_in);
  } else {
    print_rules(arguments, plans);
  }
  return ExitCode::done;
}

}  // namespace raykeep::cli
