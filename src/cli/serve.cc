// raykeep serve: what Ray Serve runs, what it wrote, and one answer of it.
#include <algorithm>
#include <fstream>
#include <sstream>

#include <boost/asio/this_coro.hpp>

#include <fmt/format.h>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/service_output.h"
#include "cli/session.h"
#include "control/dashboard_access.h"
#include "control/diagnose.h"
#include "control/fields.h"
#include "control/forwarded_port.h"
#include "control/ray_pod.h"
#include "control/stored_document.h"
#include "doc/document.h"
#include "flow/ports.h"
#include "plan/names.h"

namespace raykeep::cli {
namespace {

using control::Access;
using control::awaitable;
using control::Observed;
using namespace std::chrono_literals;

constexpr Duration for_dashboard = 15s;
constexpr std::size_t most_log = 16u << 20;

/// The cluster that is looked at: a RayService's that serves, or the one of that name.
struct Target {
  std::optional<ServiceReport> service;
  Observed cluster;
};

awaitable<Target> find_target(const Access& access, std::string ns, std::string name) {
  if (name.empty()) {
    std::vector<std::string> services = co_await control::services_in(access, ns);
    if (services.size() == 1) name = services.front();
  }
  if (name.empty()) name = co_await control::only_cluster(access, ns);
  Target target;
  ServiceReport report = co_await look_at_service(access, ns, name);
  if (report.seen.owner) {
    const Observed* cluster = report.seen.cluster(report.seen.points_to());
    if (cluster == nullptr && !report.seen.clusters.empty())
      cluster = &report.seen.clusters.front();
    if (cluster != nullptr) target.cluster = *cluster;
    target.service = std::move(report);
    co_return target;
  }
  target.cluster =
      co_await control::observe(access, ns, name, {.events = false, .everything = true});
  if (target.cluster.empty())
    throw Failure(Failure::Kind::invalid,
                  fmt::format("there is no RayService or cluster {} in namespace {}", name, ns));
  co_return target;
}

awaitable<int> show_status(const Access& access, const ServeArguments& arguments, Target target) {
  if (target.service) {
    if (arguments.output == Output::json) {
      fmt::print("{}", doc::write_json_pretty(doc::Value(to_json(*target.service))));
    } else {
      fmt::print("{}", to_text(*target.service));
    }
    co_return ExitCode::done;
  }
  const control::ServeStatus status = co_await control::look_at_serve(
      access, control::Road::forwarded, target.cluster, for_dashboard);
  if (arguments.output == Output::json) {
    fmt::print("{}", doc::write_json_pretty(doc::Value(to_json(status))));
  } else {
    fmt::print("{}", to_text(status));
  }
  co_return status.answered ? ExitCode::done : ExitCode::failed;
}

/// A pod whose proxy takes requests, and its port.
std::pair<std::string, int> proxy_of(const Observed& cluster) {
  int port = 8000;
  if (const doc::Value* owner = cluster.owner()) {
    Result<control::StoredDocument> stored = control::stored_document(*owner, cluster.cluster);
    if (stored) port = flow::serve_port(stored->cluster);
  }
  auto serves = [](const doc::Value& pod) {
    const std::string_view label = control::label_of(pod, plan::ray_serve_label);
    return control::is_ready(pod) && (label.empty() || label == plan::serves) &&
           !control::is_going(pod);
  };
  auto worker = std::ranges::find_if(cluster.pods, [&](const doc::Value& pod) {
    return serves(pod) && control::label_of(pod, plan::ray_node_type_label) == "worker";
  });
  if (worker == cluster.pods.end()) worker = std::ranges::find_if(cluster.pods, serves);
  if (worker == cluster.pods.end())
    throw Failure(Failure::Kind::invalid,
                  fmt::format("no proxy of cluster {} takes requests: raykeep serve status says "
                              "how its applications are",
                              cluster.cluster));
  return {std::string(control::name_of(*worker)), port};
}

std::string body_of(const std::string& data) {
  if (!data.starts_with('@')) return data;
  std::ifstream file(data.substr(1), std::ios::binary);
  if (!file)
    throw Failure(Failure::Kind::invalid, fmt::format("{} cannot be read", data.substr(1)));
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

net::Request request_of(const ServeArguments& arguments) {
  net::Request request{
      .method = arguments.method,
      .target = arguments.path.starts_with('/') ? arguments.path : '/' + arguments.path,
      .repeatable = false};
  request.body = body_of(arguments.data);
  if (request.method.empty()) request.method = request.body.empty() ? "GET" : "POST";
  for (const std::string& header : arguments.headers) {
    const std::size_t colon = header.find(':');
    if (colon == header.npos)
      throw Failure(Failure::Kind::invalid,
                    fmt::format("{} is no header; write \"Name: value\"", quoted(header)));
    request.headers.emplace_back(header.substr(0, colon),
                                 std::string(trim(std::string_view(header).substr(colon + 1))));
  }
  return request;
}

/// Sends one request and prints the answer as it arrives: tokens are seen one by one.
awaitable<int> curl(const Access& access, const ServeArguments& arguments, Target target) {
  const auto [pod, port] = proxy_of(target.cluster);
  net::Request request = request_of(arguments);
  control::ForwardedPort forwarded(co_await boost::asio::this_coro::executor, access,
                                   target.cluster.ns, pod, port);
  int status = 0;
  std::optional<Failure> failure;
  try {
    status = co_await forwarded.stream(
        std::move(request),
        [](std::string_view piece) {
          std::fwrite(piece.data(), 1, piece.size(), stdout);
          std::fflush(stdout);
        },
        arguments.connection.request_timeout);
  } catch (const Failure& caught) {
    failure = caught;
  }
  co_await boost::asio::this_coro::throw_if_cancelled(false);
  co_await forwarded.close();
  if (failure) throw *failure;
  if (status >= 400) fmt::print(stderr, "pod {} answers {}\n", pod, status);
  co_return status < 400 ? ExitCode::done : ExitCode::failed;
}

awaitable<doc::Value> ask_json(const Access& access, const Observed& cluster, std::string path) {
  net::Response answer = co_await control::ask_dashboard(access, control::Road::forwarded, cluster,
                                                         {.target = path}, most_log, for_dashboard);
  auto read = doc::parse_json(answer.body, {.bytes = most_log});
  if (answer.status != 200 || !read)
    throw Failure(Failure::Kind::invalid,
                  fmt::format("the dashboard answers {} on {}", answer.status, path));
  co_return std::move(*read);
}

/// Fit for a query as it stands.
bool is_plain(std::string_view name) {
  return std::ranges::all_of(name, [](unsigned char c) {
    return std::isalnum(c) != 0 || std::string_view("/_.-").contains(static_cast<char>(c));
  });
}

/// Serve's log files on one node, by its id: "serve/replica_app_App_x.log".
awaitable<std::vector<std::string>> logs_on(const Access& access, const Observed& cluster,
                                            std::string node) {
  const doc::Value listed =
      co_await ask_json(access, cluster, fmt::format("/api/v0/logs?node_id={}&glob=serve/*", node));
  std::vector<std::string> names;
  const doc::Object* kinds = doc::find_object(listed, {"data", "result"});
  if (kinds == nullptr) co_return names;
  for (const auto& kind : *kinds) {
    if (!kind.value().is_array()) continue;
    for (const doc::Value& name : kind.value().get_array()) {
      if (name.is_string() && name.get_string().ends_with(".log") && is_plain(name.get_string()))
        names.emplace_back(name.get_string());
    }
  }
  std::ranges::sort(names);
  co_return names;
}

awaitable<int> show_logs(const Access& access, const ServeArguments& arguments, Target target) {
  const doc::Value nodes =
      co_await ask_json(access, target.cluster, "/api/v0/nodes?detail=false&limit=1000");
  bool any = false;
  for (const doc::Value& node : control::list_at(nodes, {"data", "result", "result"})) {
    if (doc::find_string(node, {"state"}) != "ALIVE") continue;
    const std::string id(doc::find_string(node, {"node_id"}));
    const std::string ip(doc::find_string(node, {"node_ip"}));
    for (const std::string& name : co_await logs_on(access, target.cluster, id)) {
      if (!arguments.application.empty() &&
          !name.contains(fmt::format("replica_{}_", arguments.application)))
        continue;
      net::Response answer = co_await control::ask_dashboard(
          access, control::Road::forwarded, target.cluster,
          {.target = fmt::format("/api/v0/logs/file?node_id={}&filename={}&lines={}", id, name,
                                 arguments.tail)},
          most_log, for_dashboard);
      if (answer.status != 200) continue;
      any = true;
      fmt::print("==> {} on {} <==\n{}", name, ip, answer.body);
      if (!answer.body.ends_with('\n')) fmt::print("\n");
    }
  }
  if (!any)
    fmt::print(stderr, "Serve has written no such log in cluster {}\n", target.cluster.cluster);
  co_return any ? ExitCode::done : ExitCode::failed;
}

awaitable<int> work(const Access& access, const ServeArguments& arguments, std::string ns) {
  Target target = co_await find_target(access, ns, arguments.name);
  if (arguments.action == "status")
    co_return co_await show_status(access, arguments, std::move(target));
  if (arguments.action == "logs")
    co_return co_await show_logs(access, arguments, std::move(target));
  co_return co_await curl(access, arguments, std::move(target));
}

}  // namespace

int run(const ServeArguments& arguments) {
  kube::Config config = connection_config(arguments.connection);
  return run_session(
      config, arguments.connection.request_timeout,
      [&](const Access& access) { return work(access, arguments, config.ns); },
      "nothing was changed");
}

}  // namespace raykeep::cli
