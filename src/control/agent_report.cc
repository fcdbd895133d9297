#include "control/agent_report.h"

#include <fmt/format.h>

#include "control/fields.h"
#include "control/forwarded_port.h"
#include "control/ray_pod.h"

namespace raykeep::control {
namespace {

constexpr std::size_t largest_report = 256 * 1024;

}  // namespace

AgentReport read_agent_report(const doc::Value& told) {
  AgentReport report;
  report.reason = doc::find_string(told, {"reason"});
  report.storage = doc::find_string(told, {"storage"});
  report.gcs_restarts = integer_at(told, {"processes", "gcs_server", "restarts"});
  report.gcs_last_outage_seconds =
      number_at(told, {"processes", "gcs_server", "lastOutageSeconds"});
  if (std::string_view problem = doc::find_string(told, {"certificate", "problem"});
      !problem.empty()) {
    report.warnings.push_back(fmt::format(
        "the head got no new certificate: {}; raykeep status -n NAMESPACE and the controller's log "
        "say more",
        problem));
  }
  if (doc::find(told, {"redis"}) == nullptr) return report;
  report.fence = doc::find_string(told, {"redis", "fence"});
  report.epoch = integer_at(told, {"redis", "epoch"});
  if (true_at(told, {"redis", "storageLost"})) {
    report.warnings.push_back(
        "Redis came back without the cluster's state: what runs goes on, and new jobs fail; when "
        "it suits, delete the head's pod, and Ray begins anew");
  }
  for (const doc::Value& each : list_at(told, {"redis", "concerns"})) {
    report.warnings.push_back(fmt::format("Redis: {}; {}", doc::find_string(each, {"what"}),
                                          doc::find_string(each, {"remedy"})));
  }
  if (!true_at(told, {"redis", "connected"})) {
    std::string_view error = doc::find_string(told, {"redis", "lastError"});
    report.store_problem = error;
    report.store_needs_mending = true_at(told, {"redis", "needsMending"});
    // Before Ray was started there is nothing that goes on.
    if (doc::find_string(told, {"phase"}) == "waiting") return report;
    report.warnings.push_back(fmt::format(
        "Redis is away for {:.0f} s{}{}: what runs goes on, and nothing new is remembered until it "
        "is back",
        number_at(told, {"redis", "awaySeconds"}), error.empty() ? "" : ": ", error));
  }
  return report;
}

int agent_port_of(const doc::Value& pod) {
  for (const doc::Value& container : list_at(pod, {"spec", "containers"})) {
    if (doc::find_string(container, {"livenessProbe", "httpGet", "path"}) == "/livez")
      return static_cast<int>(integer_at(container, {"livenessProbe", "httpGet", "port"}));
    // Where Istio has turned the probes towards its sidecar (measured), the declared port is left.
    for (const doc::Value& port : list_at(container, {"ports"})) {
      if (doc::find_string(port, {"name"}) == "raykeep")
        return static_cast<int>(integer_at(port, {"containerPort"}));
    }
  }
  return 0;
}

const doc::Value* head_with_agent(const Observed& observed, int& port) {
  const doc::Value* head = running_head(observed);
  port = head == nullptr ? 0 : agent_port_of(*head);
  return port == 0 ? nullptr : head;
}

awaitable<doc::Value> ask_agent_of(const Access& access, std::string ns, std::string pod, int port,
                                   Duration patience) {
  return ask_pod(access, std::move(ns), std::move(pod), port, {.target = "/status"}, largest_report,
                 patience);
}

awaitable<void> ask_agent(const Access& access, Observed& observed, Duration patience) {
  int port = 0;
  const doc::Value* pod = head_with_agent(observed, port);
  if (pod == nullptr) co_return;
  observed.agent =
      co_await ask_agent_of(access, observed.ns, std::string(name_of(*pod)), port, patience);
}

}  // namespace raykeep::control
