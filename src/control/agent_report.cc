#include "control/agent_report.h"

#include <boost/asio/this_coro.hpp>

#include <fmt/format.h>

#include "control/fields.h"
#include "control/forwarded_port.h"
#include "plan/names.h"

namespace raykeep::control {
namespace {

constexpr std::size_t largest_report = 256 * 1024;

double number_at(const doc::Value& value, std::initializer_list<std::string_view> path) {
  const doc::Value* found = doc::find(value, path);
  return found != nullptr && found->is_number() ? found->to_number<double>() : 0;
}

}  // namespace

AgentReport read_agent_report(const doc::Value& told) {
  AgentReport report;
  report.storage = doc::find_string(told, {"storage"});
  report.gcs_restarts = integer_at(told, {"processes", "gcs_server", "restarts"});
  report.gcs_last_outage_seconds =
      number_at(told, {"processes", "gcs_server", "lastOutageSeconds"});
  if (doc::find(told, {"redis"}) == nullptr) return report;
  report.fence = doc::find_string(told, {"redis", "fence"});
  report.epoch = integer_at(told, {"redis", "epoch"});
  if (true_at(told, {"redis", "storageLost"})) {
    report.warnings.push_back(
        "Redis came back without the cluster's state: what runs goes on, and new jobs fail; when "
        "it suits, delete the head's pod, and Ray begins anew");
  }
  if (!true_at(told, {"redis", "connected"})) {
    std::string_view error = doc::find_string(told, {"redis", "lastError"});
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
  }
  return 0;
}

const doc::Value* head_with_agent(const Observed& observed, int& port) {
  for (const doc::Value& pod : observed.pods) {
    if (label_of(pod, plan::ray_node_type_label) != "head" || is_going(pod) ||
        doc::find_string(pod, {"status", "phase"}) != "Running")
      continue;
    port = agent_port_of(pod);
    if (port != 0) return &pod;
  }
  return nullptr;
}

awaitable<doc::Value> ask_agent_of(const Access& access, std::string ns, std::string pod, int port,
                                   Duration patience) {
  const Deadline until = Deadline::after(access.clock, patience);
  ForwardedPort forwarded(co_await boost::asio::this_coro::executor, access, ns, pod, port);
  doc::Value told = nullptr;
  bool cancelled = false;
  try {
    net::Response answer = co_await forwarded.send({.target = "/status"}, largest_report, until);
    auto read = doc::parse_json(answer.body);
    if (answer.status == 200 && read) told = std::move(*read);
  } catch (const Failure& failure) {
    // Without the right to forward, or with a pod that is just going, there is nothing to be told.
    cancelled = failure.kind() == Failure::Kind::cancelled;
  }
  co_await boost::asio::this_coro::throw_if_cancelled(false);
  co_await forwarded.close();
  if (cancelled) throw Failure(Failure::Kind::cancelled, "cancelled");
  co_return told;
}

awaitable<void> ask_agent(const Access& access, Observed& observed, Duration patience) {
  int port = 0;
  const doc::Value* pod = head_with_agent(observed, port);
  if (pod == nullptr) co_return;
  observed.agent =
      co_await ask_agent_of(access, observed.ns, std::string(name_of(*pod)), port, patience);
}

}  // namespace raykeep::control
