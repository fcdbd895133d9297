// Logs of containers.
#include <algorithm>

#include <fmt/format.h>

#include "kube/client.h"
#include "kube/query.h"
#include "kube/session.h"

namespace raykeep::kube {
namespace {

Call log_call(const std::string& ns, const std::string& pod, const LogOptions& options,
              bool follow) {
  Query query;
  query.add_unless_empty("container", options.container);
  if (follow) query.add("follow", "true");
  if (options.previous) query.add("previous", "true");
  if (options.tail_lines >= 0) query.add("tailLines", std::to_string(options.tail_lines));
  // With tailLines the server would cut off the end, which is what was asked for: we cut ourselves.
  if (!follow && options.tail_lines < 0)
    query.add("limitBytes", std::to_string(options.limit_bytes));
  return {.asked = {.doing = "read the log of",
                    .verb = "get",
                    .object = options.container.empty() ? fmt::format("Pod {}/{}", ns, pod)
                                                        : fmt::format("Pod {}/{} container {}", ns,
                                                                      pod, options.container),
                    .resource = "pods/log",
                    .group = "",
                    .ns = ns},
          .target = fmt::format("/api/v1/namespaces/{}/pods/{}/log", net::percent_encode(ns),
                                net::percent_encode(pod)) +
                    query.text()};
}

/// There is nothing to read, now: the pod is gone, waits for a node, or its container has not run.
/// The texts are those of pkg/kubelet/kubelet_pods.go (validateContainerLogStatus) and
/// pkg/registry/core/pod/strategy.go (LogLocation).
bool has_no_log(const Status& status, const std::string& pod) {
  if (status.code == 404) return status.name == pod && status.kind == "pods";
  if (status.code != 400) return false;
  constexpr std::string_view phrases[] = {"is waiting to start", "previous terminated container",
                                          "is not available", "does not have a host assigned",
                                          "is terminated"};
  return std::ranges::any_of(phrases, [&](auto phrase) { return status.message.contains(phrase); });
}

}  // namespace

awaitable<std::optional<std::string>> Client::logs(std::string ns, std::string pod,
                                                   LogOptions options, Deadline until) {
  auto call = log_call(ns, pod, options, false);
  auto answer = co_await session_->open(call, until);
  auto response = answer->head();
  bool tail = options.tail_lines >= 0;
  std::size_t most = response.status == 200 ? options.limit_bytes : 1u << 20;
  for (;;) {
    auto piece = co_await read_piece(call.asked, *answer, until);
    if (!piece) break;
    response.body += *piece;
    if (response.body.size() <= most) continue;
    if (!tail) break;
    if (response.body.size() > 2 * most) response.body.erase(0, response.body.size() - most);
  }
  if (response.status != 200) {
    if (has_no_log(read_status(response.status, response.body), pod)) co_return std::nullopt;
    throw session_->refuse(call, response);
  }
  if (response.body.size() > most) {
    if (tail) {
      response.body.erase(0, response.body.size() - most);
    } else {
      response.body.resize(most);
    }
  }
  co_return std::move(response.body);
}

awaitable<void> Client::follow_logs(std::string ns, std::string pod, LogOptions options,
                                    std::function<bool(std::string_view)> on_chunk,
                                    Deadline until) {
  auto call = log_call(ns, pod, options, true);
  auto answer = co_await session_->open(call, until);
  auto response = answer->head();
  for (;;) {
    std::optional<std::string> piece;
    try {
      piece = co_await read_piece(call.asked, *answer, until);
    } catch (const Failure& failure) {
      if (failure.kind() == Failure::Kind::disconnected && until.passed(session_->clock()))
        co_return;
      throw;
    }
    if (!piece) break;
    if (response.status == 200) {
      if (!on_chunk(*piece)) co_return;
    } else if (response.body.size() < (1u << 20)) {
      response.body += *piece;
    }
  }
  if (response.status == 200 || has_no_log(read_status(response.status, response.body), pod))
    co_return;
  throw session_->refuse(call, response);
}

}  // namespace raykeep::kube
