#include "kube/session.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include "base/text.h"

namespace raykeep::kube {
namespace {

namespace asio = boost::asio;
using Kind = Failure::Kind;
constexpr std::size_t most_refusal = 1u << 20;

/// Puts "apply Service ray/head: " before what goes wrong in `work`. A cancelled coroutine leaves
/// Asio as a system_error; for callers it is a Failure like any other.
template <class T>
awaitable<T> named(Asked asked, awaitable<T> work) {
  auto text = [&](const char* what) {
    return fmt::format("{} {}: {}", asked.doing, asked.object, what);
  };
  try {
    T result = co_await std::move(work);
    co_return result;
  } catch (const Failure& failure) {
    if (std::string_view(failure.what()).starts_with(asked.doing + " " + asked.object)) throw;
    throw Failure(failure.kind(), text(failure.what()));
  } catch (const boost::system::system_error& problem) {
    if (problem.code() == asio::error::operation_aborted)
      throw Failure(Kind::cancelled, text("cancelled"));
    throw Failure(Kind::disconnected, text(problem.code().message().c_str()));
  }
}

/// How long to wait before asking again; nothing when asking again makes no sense. Retry-After
/// comes in seconds from the API server; from a proxy that sends none, or a date, we wait longer
/// each time.
std::optional<Duration> pause_before_retry(const net::Response& head, const Call& call, int tries) {
  bool busy = head.status == 429;
  bool away = head.status == 503 || head.status == 502 || head.status == 504;
  auto header = net::find_header(head.headers, "Retry-After");
  if (!busy && !(call.repeatable && (away || (head.status >= 500 && !header.empty()))))
    return std::nullopt;
  int seconds = 0;
  auto [end, failed] = std::from_chars(header.data(), header.data() + header.size(), seconds);
  if (failed == std::errc() && end == header.data() + header.size() && seconds >= 0) {
    return std::chrono::seconds(std::min(seconds, 3600));
  }
  return std::chrono::milliseconds(250) * (1 << std::min(tries, 5));
}

awaitable<std::string> read_rest(net::Answer& answer, std::size_t most, Deadline until) {
  std::string body;
  for (;;) {
    auto piece = co_await answer.read(until);
    if (!piece) break;
    if (body.size() + piece->size() > most) {
      throw Failure(Kind::invalid, fmt::format("the answer is larger than {} MiB", most >> 20));
    }
    body += *piece;
  }
  co_return body;
}

net::Url parsed(const Config& config) {
  auto url = net::parse_url(config.server);
  if (!url)
    throw Failure(Kind::invalid, fmt::format("server of {}: {}", config.origin, url.error().text));
  return *url;
}

}  // namespace

awaitable<std::optional<std::string>> read_piece(Asked asked, net::Answer& answer, Deadline until) {
  auto piece = co_await named(asked, answer.read(until));
  co_return piece;
}

awaitable<void> pause(asio::any_io_executor executor, Duration time) {
  asio::steady_timer timer(executor);
  timer.expires_after(time);
  co_await timer.async_wait(asio::use_awaitable);
}

Session::Session(asio::any_io_executor executor, Config config, const Clock& clock)
    : executor_(executor),
      config_(std::move(config)),
      clock_(clock),
      server_(parsed(config_)),
      credentials_(executor, config_, clock) {}

net::Request Session::request_for(const Call& call, const Identity& identity) const {
  net::Request request{.method = call.method,
                       .target = server_.path + call.target,
                       .headers = {{"Accept", "application/json"}, {"User-Agent", "raykeep/0.1"}},
                       .body = call.body,
                       .repeatable = call.repeatable};
  if (!call.content_type.empty()) request.headers.emplace_back("Content-Type", call.content_type);
  // Never a credential in the clear; kubectl does the same.
  if (server_.scheme == "https") {
    request.headers.insert(request.headers.end(), identity.headers.begin(), identity.headers.end());
  }
  return request;
}

std::shared_ptr<net::HttpClient> Session::http_for(
    const std::shared_ptr<const Identity>& identity) {
  if (http_ && http_certificate_ == identity->certificate_pem) return http_;
  net::HttpClientOptions options{.server = server_,
                                 .tls = {.ca_pem = config_.ca_pem,
                                         .ca_origin = config_.ca_origin,
                                         .server_name = config_.tls_server_name,
                                         .verify = !config_.insecure_skip_tls_verify,
                                         .client_certificate_pem = identity->certificate_pem,
                                         .client_key_pem = identity->key_pem},
                                 .proxy = std::nullopt};
  if (!config_.proxy_url.empty()) {
    auto proxy = net::parse_url(config_.proxy_url);
    if (!proxy) throw Failure(Kind::invalid, "proxy: " + proxy.error().text);
    options.proxy = *proxy;
  }
  http_ = std::make_shared<net::HttpClient>(executor_, std::move(options), clock_);
  http_certificate_ = identity->certificate_pem;
  return http_;
}

awaitable<std::unique_ptr<net::Answer>> Session::try_until(Call call, Deadline& until) {
  bool renewed = false;
  for (int tries = 0;; ++tries) {
    auto identity = co_await credentials_.current(until);
    auto http = http_for(identity);
    auto answer = co_await http->open(request_for(call, *identity), until);
    const auto& head = answer->head();
    if (head.status == 401) {
      auto response = head;
      response.body = co_await read_rest(*answer, most_refusal, until);
      if (renewed || !credentials_.forget(identity)) throw refuse(call, response);
      renewed = true;
      continue;
    }
    auto wait = pause_before_retry(head, call, tries);
    if (!wait || clock_.now() + *wait >= until.at) co_return answer;
    co_await read_rest(*answer, most_refusal, until);  // so that the connection can be used again
    co_await pause(executor_, *wait);
  }
}

awaitable<std::unique_ptr<net::Answer>> Session::open(Call call, Deadline& until) {
  auto asked = call.asked;
  auto answer = co_await named(asked, try_until(std::move(call), until));
  co_return answer;
}

awaitable<net::Response> Session::send(Call call, Deadline until, std::size_t most) {
  auto asked = call.asked;
  auto answer = co_await named(asked, try_until(std::move(call), until));
  net::Response response = answer->head();
  response.body = co_await named(asked, read_rest(*answer, most, until));
  co_return response;
}

awaitable<std::unique_ptr<net::WebSocket>> Session::open_websocket(Call call,
                                                                   std::string subprotocol,
                                                                   Deadline until) {
  for (bool renewed = false;; renewed = true) {
    auto identity = co_await named(call.asked, credentials_.current(until));
    auto http = http_for(identity);
    auto request = request_for(call, *identity);
    // The kubelet, to which this is handed through, answers 406 to a wish for JSON.
    std::erase_if(request.headers, [](const auto& header) { return header.first == "Accept"; });
    auto upgrade =
        co_await named(call.asked, http->upgrade(std::move(request), subprotocol, until));
    if (upgrade.socket) co_return std::move(upgrade.socket);
    if (upgrade.response.status != 401 || renewed || !credentials_.forget(identity)) {
      throw refuse(call, upgrade.response);
    }
  }
}

Failure Session::refuse(const Call& call, const net::Response& response) const {
  return refusal(call.asked, read_status(response.status, response.body), config_);
}

}  // namespace raykeep::kube
