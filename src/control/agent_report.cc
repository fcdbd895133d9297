#include "control/agent_report.h"

#include <boost/asio/this_coro.hpp>

#include <fmt/format.h>

#include "control/fields.h"
#include "net/event.h"
#include "net/http_client.h"
#include "net/task_group.h"
#include "plan/names.h"

namespace raykeep::control {
namespace {

constexpr std::size_t largest_report = 256 * 1024;

double number_at(const doc::Value& value, std::initializer_list<std::string_view> path) {
  const doc::Value* found = doc::find(value, path);
  return found != nullptr && found->is_number() ? found->to_number<double>() : 0;
}

/// The local end of one forwarded port, as far as it is there.
struct Forwarded {
  explicit Forwarded(boost::asio::any_io_executor executor) : changed(executor) {}
  net::Event changed;
  int port = 0;
  bool ended = false;
};

awaitable<void> forward(const Access& access, std::string ns, std::string pod, int port,
                        std::shared_ptr<Forwarded> forwarded) {
  try {
    co_await kube::port_forward(access.client, ns, pod, port, 0, [forwarded](int local) {
      forwarded->port = local;
      forwarded->changed.notify();
    });
  } catch (const Failure&) {
    // Without the right to forward, or a pod that is just going, there is nothing to be told.
  }
  forwarded->ended = true;
  forwarded->changed.notify();
}

awaitable<doc::Value> get_status(const Access& access, const Forwarded& forwarded, Deadline until) {
  net::HttpClientOptions options;
  options.server = {.scheme = "http",
                    .user = {},
                    .password = {},
                    .host = "127.0.0.1",
                    .port = forwarded.port,
                    .path = {}};
  net::HttpClient client(co_await boost::asio::this_coro::executor, std::move(options),
                         access.clock);
  net::Response answer = co_await client.send({.target = "/status"}, largest_report, until);
  if (answer.status != 200) co_return nullptr;
  auto read = doc::parse_json(answer.body);
  co_return read ? std::move(*read) : doc::Value(nullptr);
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

const doc::Value* head_with_agent(const Observed& observed, int& port) {
  for (const doc::Value& pod : observed.pods) {
    if (label_of(pod, plan::ray_node_type_label) != "head" || is_going(pod) ||
        doc::find_string(pod, {"status", "phase"}) != "Running")
      continue;
    for (const doc::Value& container : list_at(pod, {"spec", "containers"})) {
      if (doc::find_string(container, {"livenessProbe", "httpGet", "path"}) != "/livez") continue;
      port = static_cast<int>(integer_at(container, {"livenessProbe", "httpGet", "port"}));
      return &pod;
    }
  }
  return nullptr;
}

awaitable<void> ask_agent(const Access& access, Observed& observed, Duration patience) {
  int port = 0;
  const doc::Value* pod = head_with_agent(observed, port);
  if (pod == nullptr) co_return;
  auto executor = co_await boost::asio::this_coro::executor;
  const Deadline until = Deadline::after(access.clock, patience);
  auto forwarded = std::make_shared<Forwarded>(executor);
  net::TaskGroup tasks(executor);
  tasks.spawn(forward(access, observed.ns, std::string(name_of(*pod)), port, forwarded));
  try {
    while (forwarded->port == 0 && !forwarded->ended && !until.passed(access.clock))
      co_await forwarded->changed.wait(access.clock, until);
    if (forwarded->port != 0) observed.agent = co_await get_status(access, *forwarded, until);
  } catch (const Failure& failure) {
    if (failure.kind() == Failure::Kind::cancelled) throw;
  }
  tasks.cancel();
  co_await tasks.finish();
}

}  // namespace raykeep::control
