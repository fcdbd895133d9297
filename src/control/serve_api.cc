#include "control/serve_api.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "control/fields.h"
#include "doc/document.h"

namespace raykeep::control {
namespace {

using decide::ServeSays;

constexpr const char* path = "/api/serve/applications/";
constexpr std::size_t most_answer = 4u << 20;
constexpr std::size_t longest_message = 2000;

std::string text_at(const doc::Value& value, std::string_view key) {
  return std::string(doc::find_string(value, {key}));
}

/// Tracebacks are long, and what matters stands at their end.
std::string shortened(std::string text) {
  if (text.size() <= longest_message) return text;
  return "..." + text.substr(text.size() - longest_message);
}

ServeDeployment read_deployment(std::string_view name, const doc::Value& value) {
  ServeDeployment made{.name = std::string(name),
                       .status = text_at(value, "status"),
                       .message = shortened(text_at(value, "message"))};
  made.wanted = integer_at(value, {"target_num_replicas"});
  for (const doc::Value& replica : list_at(value, {"replicas"}))
    made.running += doc::find_string(replica, {"state"}) == "RUNNING" ? 1 : 0;
  return made;
}

ServeApplication read_application(std::string_view name, const doc::Value& value) {
  ServeApplication made{.name = std::string(name),
                        .status = text_at(value, "status"),
                        .message = shortened(text_at(value, "message")),
                        .route = text_at(value, "route_prefix"),
                        .deployments = {}};
  if (const doc::Object* deployments = doc::find_object(value, {"deployments"})) {
    for (const auto& each : *deployments)
      made.deployments.push_back(read_deployment(each.key(), each.value()));
  }
  return made;
}

bool is_failed(const ServeApplication& application) {
  return application.status == "DEPLOY_FAILED" || application.status == "UNHEALTHY";
}

/// "application chat: DEPLOYING: deployment Model: 1 of 2 replicas".
std::string describe(const ServeApplication& application) {
  std::string text = fmt::format("application {} is {}", application.name, application.status);
  for (const ServeDeployment& each : application.deployments) {
    if (each.message.empty() || each.status == "HEALTHY") continue;
    return fmt::format("{}; deployment {}: {}", text, each.name, each.message);
  }
  if (!application.message.empty()) return fmt::format("{}: {}", text, application.message);
  for (const ServeDeployment& each : application.deployments) {
    if (each.running < each.wanted)
      return fmt::format("{}; deployment {} has {} of {} replicas", text, each.name, each.running,
                         each.wanted);
  }
  return text;
}

net::Request request(std::string method, const Secret<std::string>& token) {
  // Ray's dashboard up to 2.50 at least answers 500 to whoever does not say who he is.
  net::Request made{.method = std::move(method),
                    .target = path,
                    .headers = {{"User-Agent", "raykeep"}, {"Connection", "close"}}};
  if (!token.empty()) made.headers.emplace_back("X-Ray-Authorization", "Bearer " + token.reveal());
  return made;
}

/// What a refusal says, from Ray's own words.
std::string refusal(const net::Response& answer) {
  std::string_view text = trim(answer.body);
  const std::size_t most = std::min<std::size_t>(text.size(), longest_message);
  return fmt::format("Serve answers {}: {}", answer.status, text.substr(text.size() - most));
}

}  // namespace

ServeStatus read_serve_status(const doc::Value& answer) {
  ServeStatus made;
  made.answered = true;
  if (const doc::Object* applications = doc::find_object(answer, {"applications"})) {
    for (const auto& each : *applications)
      made.applications.push_back(read_application(each.key(), each.value()));
  }
  if (const doc::Object* proxies = doc::find_object(answer, {"proxies"})) {
    for (const auto& each : *proxies) {
      if (text_at(each.value(), "status") == "HEALTHY")
        made.proxies.push_back(text_at(each.value(), "node_ip"));
    }
  }
  return made;
}

ServeSays serve_says(const ServeStatus& status, std::string& text) {
  text = status.problem;
  if (!status.answered) return ServeSays::unasked;
  if (status.applications.empty()) return ServeSays::nothing;
  auto failed = std::ranges::find_if(status.applications, is_failed);
  if (failed != status.applications.end()) {
    text = describe(*failed);
    return ServeSays::failed;
  }
  auto waits = std::ranges::find_if(
      status.applications, [](const ServeApplication& each) { return each.status != "RUNNING"; });
  if (waits == status.applications.end()) return ServeSays::running;
  text = describe(*waits);
  return ServeSays::deploying;
}

Result<std::string> serve_request(const std::string& config, int capacity) {
  doc::ReadResult read = doc::read_yaml(config, "serveConfigV2");
  if (has_errors(read.findings)) return error(to_string(read.findings.front()));
  if (read.documents.size() != 1 || !read.documents[0].value.is_object())
    return error("serveConfigV2 holds no map of Serve's options");
  doc::Object& options = read.documents[0].value.as_object();
  if (capacity < 100) options["target_capacity"] = capacity;
  return doc::write_json(read.documents[0].value);
}

awaitable<ServeStatus> ask_serve(AskDashboard ask, const Secret<std::string>& token,
                                 Deadline until) {
  ServeStatus made;
  try {
    net::Response answer = co_await ask(request("GET", token), most_answer, until);
    auto read = doc::parse_json(answer.body, {.bytes = most_answer});
    if (answer.status == 200 && read) co_return read_serve_status(*read);
    made.problem = answer.status == 200 ? "the dashboard answers no JSON" : refusal(answer);
  } catch (const Failure& failure) {
    if (failure.kind() == Failure::Kind::cancelled) throw;
    made.problem = failure.what();
  }
  co_return made;
}

awaitable<std::string> tell_serve(AskDashboard ask, const Secret<std::string>& token,
                                  std::string config, int capacity, Deadline until) {
  Result<std::string> body = serve_request(config, capacity);
  if (!body) co_return body.error().text;
  net::Request put = request("PUT", token);
  put.headers.emplace_back("Content-Type", "application/json");
  put.body = std::move(*body);
  try {
    net::Response answer = co_await ask(std::move(put), most_answer, until);
    co_return answer.status == 200 ? "" : refusal(answer);
  } catch (const Failure& failure) {
    if (failure.kind() == Failure::Kind::cancelled) throw;
    co_return failure.what();
  }
}

}  // namespace raykeep::control
