#include "cli/service_output.h"

#include <fmt/format.h>

#include "base/text.h"
#include "cli/table.h"
#include "cli/terminal.h"
#include "control/dashboard_access.h"
#include "control/fields.h"
#include "control/status_report.h"
#include "plan/names.h"

namespace raykeep::cli {
namespace {

using namespace control;
using namespace std::chrono_literals;

constexpr Duration for_serve = 5s;

StoredStatus stored_of(const ServiceReport& report) {
  return report.seen.owner ? stored_status(*report.seen.owner) : StoredStatus{};
}

std::string role_of(const ServiceReport& report, const Observed& cluster) {
  if (cluster.cluster == report.seen.points_to()) return "serves";
  const StoredStatus status = stored_of(report);
  const StoredCondition* upgrade = status.find("UpgradeInProgress");
  return upgrade != nullptr && upgrade->status == "True" ? "prepares" : "leaves";
}

std::string capacity_text(const Observed& cluster) {
  const doc::Value* owner = cluster.owner();
  return owner == nullptr ? "" : fmt::format("{} %", capacity_of(*owner));
}

std::string replicas_of(const ServeStatus& status) {
  std::int64_t running = 0, wanted = 0;
  for (const ServeApplication& application : status.applications) {
    for (const ServeDeployment& each : application.deployments) {
      running += each.running;
      wanted += each.wanted;
    }
  }
  return fmt::format("{}/{}", running, wanted);
}

}  // namespace

control::awaitable<ServiceReport> look_at_service(const Access& access, std::string ns,
                                                  std::string name) {
  ServiceReport report;
  report.seen = co_await observe_service(access, ns, name, {.events = false, .everything = true});
  for (const Observed& cluster : report.seen.clusters)
    report.serve[cluster.cluster] =
        co_await look_at_serve(access, Road::forwarded, cluster, for_serve);
  co_return report;
}

doc::Object to_json(const ServeStatus& status) {
  doc::Array applications;
  for (const ServeApplication& application : status.applications) {
    doc::Array deployments;
    for (const ServeDeployment& each : application.deployments)
      deployments.push_back(doc::Object{{"name", each.name},
                                        {"status", each.status},
                                        {"message", each.message},
                                        {"replicas", each.running},
                                        {"wantedReplicas", each.wanted}});
    applications.push_back(doc::Object{{"name", application.name},
                                       {"status", application.status},
                                       {"message", application.message},
                                       {"route", application.route},
                                       {"deployments", std::move(deployments)}});
  }
  return {{"answered", status.answered},
          {"problem", status.problem},
          {"applications", std::move(applications)}};
}

doc::Object to_json(const ServiceReport& report) {
  doc::Array clusters, conditions;
  for (const Observed& cluster : report.seen.clusters)
    clusters.push_back(doc::Object{{"name", cluster.cluster},
                                   {"role", role_of(report, cluster)},
                                   {"capacity", capacity_text(cluster)},
                                   {"proxies", proxies_of(cluster)},
                                   {"serve", to_json(report.serve.at(cluster.cluster))}});
  for (const StoredCondition& each : stored_of(report).conditions)
    conditions.push_back(doc::Object{{"type", each.type},
                                     {"status", each.status},
                                     {"reason", each.reason},
                                     {"message", each.message}});
  return {{"name", report.seen.name},
          {"namespace", report.seen.ns},
          {"cluster", report.seen.points_to()},
          {"clusters", std::move(clusters)},
          {"conditions", std::move(conditions)}};
}

std::string to_text(const ServeStatus& status) {
  if (!status.answered) return fmt::format("Serve cannot be asked: {}\n", harmless(status.problem));
  if (status.applications.empty()) return "Serve runs no application\n";
  std::vector<Row> rows = {{"APPLICATION", "STATUS", "ROUTE", "DEPLOYMENT", "STATUS", "REPLICAS"}};
  std::string wrong;
  for (const ServeApplication& application : status.applications) {
    if (application.deployments.empty())
      rows.push_back({application.name, application.status, application.route, "", "", ""});
    for (const ServeDeployment& each : application.deployments) {
      rows.push_back({application.name, application.status, application.route, each.name,
                      each.status, fmt::format("{}/{}", each.running, each.wanted)});
      if (!each.message.empty() && each.status != "HEALTHY")
        wrong += fmt::format("{}/{}: {}\n", application.name, each.name, harmless(each.message));
    }
    if (!application.message.empty() && application.status != "RUNNING")
      wrong += fmt::format("{}: {}\n", application.name, harmless(application.message));
  }
  return table(rows) + wrong;
}

std::string to_text(const ServiceReport& report) {
  const StoredStatus status = stored_of(report);
  const StoredCondition* ready = status.find("Ready");
  const bool good = ready != nullptr && ready->status == "True";
  std::string out = fmt::format("{}  {}\n", coloured(stdout, Colour::bold, report.seen.name),
                                coloured(stdout, good ? Colour::green : Colour::yellow,
                                         ready == nullptr ? "RayService" : ready->reason));
  for (const StoredCondition& each : status.conditions) {
    if (each.status == "True" || each.reason != "NoPendingCluster")
      out += fmt::format("  {} {} ({}): {}\n", each.type, each.status, each.reason,
                         harmless(each.message));
  }
  for (const Observed& cluster : report.seen.clusters) {
    out += fmt::format("cluster {}: {}, {} of its capacity, {} proxies take requests\n",
                       cluster.cluster, role_of(report, cluster), capacity_text(cluster),
                       proxies_of(cluster));
    out += to_text(report.serve.at(cluster.cluster));
  }
  return out;
}

std::string to_line(const ServiceReport& report) {
  const StoredStatus status = stored_of(report);
  const StoredCondition* ready = status.find("Ready");
  std::string out = fmt::format("{} {}", report.seen.name,
                                ready == nullptr ? "RayService" : harmless(ready->reason));
  for (const Observed& cluster : report.seen.clusters)
    out += fmt::format(", {} {} {} replicas {} proxies", cluster.cluster, role_of(report, cluster),
                       replicas_of(report.serve.at(cluster.cluster)), proxies_of(cluster));
  return out;
}

}  // namespace raykeep::cli
