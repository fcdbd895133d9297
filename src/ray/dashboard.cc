#include "ray/dashboard.h"

#include <fmt/format.h>

#include "base/text.h"
#include "doc/json.h"
#include "net/http_client.h"
#include "ray/token_file.h"

namespace raykeep::ray {
namespace {

constexpr std::size_t most_body = 65536;
constexpr std::size_t most_metrics = 8u << 20;

/// The first line of a body, fit for a log.
std::string first_line(std::string_view body) {
  auto line = trim(body);
  line = line.substr(0, line.find('\n'));
  auto out = quoted(line, 200);
  return out.substr(1, out.size() - 2);
}

/// Ray's HTTP servers answer 401 without a token, 403 with a wrong one
/// (http_token_authentication.py), and 503 when they are not well.
Answer answer_for(int status) {
  if (status == 200) return Answer::serving;
  if (status == 401 || status == 403) return Answer::denied;
  if (status >= 500) return Answer::not_serving;
  return Answer::nonsense;
}

/// "503 Health check failed": Ray's bodies often begin with the status themselves.
std::string describe(int status, std::string_view body) {
  auto line = first_line(body);
  auto number = std::to_string(status);
  return line.starts_with(number) ? line : fmt::format("{} {}", number, line);
}

}  // namespace

struct Dashboard::State {
  boost::asio::any_io_executor executor;
  HttpPeer peer;
  const Clock& clock;

  std::string name() const { return net::host_and_port(peer.host, peer.port); }

  /// The answer's body is left in `body`.
  awaitable<Probe> get(std::string path, bool with_token, std::string& body, Deadline until,
                       std::size_t most = most_body);
  awaitable<Probe> check(std::string path, Deadline until);
};

awaitable<Probe> Dashboard::State::get(std::string path, bool with_token, std::string& body,
                                       Deadline until, std::size_t most) {
  // Ray's dashboard up to 2.50 at least answers 500 to whoever does not say who he is.
  net::Request request{.target = path,
                       .headers = {{"User-Agent", "raykeep"}, {"Connection", "close"}}};
  if (with_token) {
    auto token = read_token(peer.token_file);
    if (!token) co_return Probe{Answer::not_asked, token.error().text};
    if (!token->empty()) {
      request.headers.emplace_back("X-Ray-Authorization", "Bearer " + token->reveal());
    }
  }
  auto start = clock.now();
  Probe probe;
  try {
    net::HttpClientOptions options{.server = {"http", "", {}, peer.host, peer.port, ""},
                                   .idle_connections = 0};
    net::HttpClient client(executor, std::move(options), clock);
    auto response = co_await client.send(std::move(request), most, until);
    probe.answer = answer_for(response.status);
    body = std::move(response.body);
    if (!probe.good()) {
      probe.text = fmt::format("GET {} from {}: {}", path, name(), describe(response.status, body));
    }
  } catch (const Failure& failure) {
    if (failure.kind() == Failure::Kind::cancelled) throw;
    probe.answer = failure.kind() != Failure::Kind::disconnected ? Answer::nonsense
                   : until.passed(clock)                         ? Answer::silent
                                                                 : Answer::unreachable;
    probe.text = fmt::format("GET {} from {}: {}", path, name(), failure.what());
  }
  probe.took = clock.now() - start;
  co_return probe;
}

awaitable<Probe> Dashboard::State::check(std::string path, Deadline until) {
  std::string body;
  auto probe = co_await get(std::move(path), false, body, until);
  co_return probe;
}

Dashboard::Dashboard(boost::asio::any_io_executor executor, HttpPeer peer, const Clock& clock)
    : state_(new State{std::move(executor), std::move(peer), clock}) {}

Dashboard::~Dashboard() = default;

awaitable<Probe> Dashboard::check_gcs(Deadline until) {
  auto state = state_;
  auto probe = co_await state->check("/api/gcs_healthz", until);
  co_return probe;
}

awaitable<Probe> Dashboard::check_raylet(Deadline until) {
  auto state = state_;
  auto probe = co_await state->check("/api/local_raylet_healthz", until);
  co_return probe;
}

awaitable<Probe> Dashboard::check_serve(Deadline until) {
  auto state = state_;
  auto probe = co_await state->check("/-/healthz", until);
  co_return probe;
}

awaitable<std::optional<ServeTraffic>> Dashboard::serve_traffic(Deadline until) {
  auto state = state_;
  std::string body;
  Probe probe = co_await state->get("/metrics", false, body, until, most_metrics);
  if (!probe.good()) co_return std::nullopt;
  co_return read_serve_traffic(body);
}

awaitable<Version> Dashboard::version(Deadline until) {
  auto state = state_;
  std::string body;
  Version version{co_await state->get("/api/version", true, body, until)};
  if (!version.probe.good()) co_return version;
  auto value = doc::parse_json(body);
  const auto* object = value ? value->if_object() : nullptr;
  const auto* field = object ? object->if_contains("ray_version") : nullptr;
  if (field && field->is_string()) {
    version.ray_version = std::string(field->get_string());
  } else {
    version.probe.answer = Answer::nonsense;
    version.probe.text =
        fmt::format("GET /api/version from {}: it names no version", state->name());
  }
  co_return version;
}

}  // namespace raykeep::ray
