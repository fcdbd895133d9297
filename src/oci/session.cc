#include "oci/session.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include <fmt/format.h>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/text.h"
#include "doc/json.h"
#include "net/base64.h"
#include "net/url.h"

namespace raykeep::oci {
namespace {

using Kind = Failure::Kind;
constexpr int most_redirects = 5;
constexpr auto longest_pause = std::chrono::seconds(60);
// docker.io is a name; its registry has another (github.com/distribution/reference).
constexpr std::string_view hub = "docker.io", hub_api = "registry-1.docker.io";

std::string api_host(const std::string& host) { return host == hub ? std::string(hub_api) : host; }

/// "https://h:1/a?b" -> {"https://h:1", "/a?b"}.
std::pair<std::string, std::string> split_url(const std::string& url) {
  const std::size_t scheme = url.find("://");
  const std::size_t path = std::min(url.find_first_of("/?#", scheme + 3), url.size());
  std::string target = url.substr(path, url.find('#', path) - path);
  if (!target.starts_with('/')) target.insert(0, "/");
  return {url.substr(0, path), std::move(target)};
}

/// At most so much of what a server says, harmless.
std::string shown(std::string_view text, std::size_t most) {
  return harmless(text.substr(0, most));
}

/// What registries say of errors: {"errors": [{"code", "message"}]}; otherwise the first words of
/// whatever came, as a proxy's page.
std::string words_of(const net::Response& response) {
  Result<doc::Value> value = doc::parse_json(response.body, {.bytes = 1u << 20});
  if (value) {
    const doc::Array* errors = doc::find_array(*value, {"errors"});
    if (errors != nullptr && !errors->empty()) {
      std::string_view code = doc::find_string((*errors)[0], {"code"});
      std::string_view message = doc::find_string((*errors)[0], {"message"});
      return fmt::format("{}: {}", shown(code, 60), shown(message, 200));
    }
  }
  return shown(trim(response.body), 80);
}

std::string query(std::string text, std::string_view name, std::string_view value) {
  text += text.contains('?') ? '&' : '?';
  return text + std::string(name) + '=' + net::percent_encode(value);
}

std::vector<std::string> scopes_of(const std::string& scope) {
  std::vector<std::string> made;
  for (std::string_view each : split(scope, ' ')) {
    if (!each.empty()) made.emplace_back(each);
  }
  return made;
}

}  // namespace

bool passes(int status) {
  return status == 408 || status == 429 || status == 500 || status == 502 || status == 503 ||
         status == 504;
}

Session::Session(boost::asio::any_io_executor executor, RegistryOptions options, const Clock& clock)
    : executor_(std::move(executor)),
      options_(std::move(options)),
      clock_(clock),
      own_origin_((options_.plain_http ? "http://" : "https://") + api_host(options_.host)) {
  client_of(own_origin_);
}

std::string Session::named(const Call& call) const {
  return fmt::format("{} at {}", call.doing, options_.host);
}

Session::Place Session::place_of(const Call& call, const std::string& target) const {
  if (target.starts_with('/')) return {own_origin_, target};
  if (!target.starts_with("https://") && !target.starts_with("http://")) {
    throw Failure(Kind::invalid, fmt::format("{}: it sends us to {}, which is no address",
                                             named(call), raykeep::quoted(target)));
  }
  auto [origin, path] = split_url(target);
  if (origin.starts_with("http://") && !options_.plain_http) {
    throw Failure(Kind::denied, fmt::format("{}: it sends us to {}, out of TLS", named(call),
                                            shown(origin, 100)));
  }
  return {std::move(origin), std::move(path)};
}

net::HttpClient& Session::client_of(const std::string& origin) {
  std::unique_ptr<net::HttpClient>& client = clients_[origin];
  if (client) return *client;
  Result<net::Url> url = net::parse_url(origin);
  if (!url) {
    throw Failure(Kind::invalid, fmt::format("the registry {}: {}", raykeep::quoted(options_.host),
                                             url.error().text));
  }
  net::TlsOptions tls = options_.tls;
  if (origin != own_origin_) {
    tls.client_certificate_pem.clear();
    tls.client_key_pem = {};
  }
  std::optional<net::Url> proxy;
  if (const std::string chosen = net::choose_proxy(*url, options_.proxy); !chosen.empty()) {
    Result<net::Url> parsed = net::parse_url(chosen);
    if (!parsed)
      throw Failure(Kind::invalid, "the proxy for " + origin + ": " + parsed.error().text);
    proxy = std::move(*parsed);
  }
  client = std::make_unique<net::HttpClient>(
      executor_,
      net::HttpClientOptions{.server = std::move(*url),
                             .tls = std::move(tls),
                             .proxy = std::move(proxy),
                             .idle_connections = options_.connections},
      clock_);
  return *client;
}

std::string Session::authorization(const std::string& scope) const {
  const Login& login = options_.login;
  if (!login.registry_token.empty()) return "Bearer " + login.registry_token.reveal();
  if (basic_) return "Basic " + net::base64_encode(login.user + ':' + login.password.reveal());
  auto held = tokens_.find(scope);
  if (held == tokens_.end() || held->second.until <= clock_.now()) return "";
  return "Bearer " + held->second.text.reveal();
}

net::Request Session::request_for(const Call& call, const Place& place) const {
  net::Request request{.method = call.method,
                       .target = place.target,
                       .headers = call.headers,
                       .body = call.body,
                       .repeatable = call.method != "POST" && call.method != "PATCH"};
  request.headers.emplace_back("User-Agent", "raykeep");
  if (place.origin != own_origin_) return request;
  if (std::string who = authorization(call.scope); !who.empty())
    request.headers.emplace_back("Authorization", std::move(who));
  return request;
}

void Session::note_warnings(const net::Headers& headers) {
  constexpr std::size_t most = 20;
  std::string_view text = net::find_header(headers, "Warning");
  if (text.starts_with("299 ") && warnings_.size() < most)
    warnings_.insert(shown(text.substr(4), 200));
}

awaitable<void> Session::fetch_token(Challenge challenge, std::string scope) {
  const Login& login = options_.login;
  const Call call{.doing = "get a token"};
  const Place place = place_of(call, challenge.realm);
  net::Request request{.target = place.target, .headers = {{"User-Agent", "raykeep"}}};
  if (!login.identity_token.empty()) {
    request.method = "POST";
    request.headers.emplace_back("Content-Type", "application/x-www-form-urlencoded");
    request.body = fmt::format(
        "grant_type=refresh_token&client_id=raykeep&service={}&scope={}&refresh_token={}",
        net::percent_encode(challenge.service), net::percent_encode(scope),
        net::percent_encode(login.identity_token.reveal()));
  } else {
    request.target = query(std::move(request.target), "service", challenge.service);
    for (const std::string& each : scopes_of(scope))
      request.target = query(std::move(request.target), "scope", each);
    request.target = query(std::move(request.target), "client_id", "raykeep");
    if (!login.user.empty())
      request.headers.emplace_back(
          "Authorization",
          "Basic " + net::base64_encode(login.user + ':' + login.password.reveal()));
  }
  net::Response response =
      co_await client_of(place.origin)
          .send(std::move(request), 1u << 20, Deadline::after(clock_, options_.patience));
  if (response.status != 200) throw explain(call, response);
  Result<Token> token = read_token(response.body);
  if (!token) throw Failure(Kind::invalid, named(call) + ": " + token.error().text);
  // A tenth is left for the way.
  const auto lifetime = std::chrono::seconds(token->lifetime) * 9 / 10;
  tokens_[scope] = {std::move(token->text), clock_.now() + lifetime};
}

/// After a 401: true when the same may be asked again. `sent`: what Authorization said.
awaitable<bool> Session::introduce(net::Headers headers, std::string scope, std::string sent) {
  // Somebody else has introduced us meanwhile.
  if (std::string now = authorization(scope); !now.empty() && now != sent) co_return true;
  const std::vector<Challenge> challenges = read_challenges(headers);
  auto bearer = std::ranges::find_if(challenges, [](const Challenge& each) {
    return each.scheme == "bearer" && !each.realm.empty();
  });
  if (bearer != challenges.end()) {
    tokens_.erase(scope);
    co_await fetch_token(*bearer, scope);
    co_return true;
  }
  const bool basic = std::ranges::find(challenges, "basic", &Challenge::scheme) != challenges.end();
  if (!basic || basic_ || options_.login.user.empty()) co_return false;
  basic_ = true;
  co_return true;
}

awaitable<void> Session::pause(int tried, const net::Headers& headers) {
  Duration wait = options_.first_pause * (1 << std::min(tried, 10));
  std::string_view asked = net::find_header(headers, "Retry-After");
  int seconds = 0;
  if (std::from_chars(asked.data(), asked.data() + asked.size(), seconds).ec == std::errc() &&
      seconds > 0)
    wait = std::chrono::seconds(seconds);
  boost::asio::steady_timer timer(executor_, std::min<Duration>(wait, longest_pause));
  co_await timer.async_wait(boost::asio::use_awaitable);
}

awaitable<net::Response> Session::ask(Call call, std::size_t most) {
  const Place place = place_of(call, call.target);
  bool introduced = false;
  for (int tried = 0;; ++tried) {
    net::Headers asked_for;
    try {
      const std::string sent = authorization(call.scope);
      net::Response response =
          co_await client_of(place.origin)
              .send(request_for(call, place), most, Deadline::after(clock_, options_.patience));
      note_warnings(response.headers);
      if (response.status == 401 && !introduced && place.origin == own_origin_) {
        introduced = true;
        const bool again = co_await introduce(response.headers, call.scope, sent);
        if (again) {
          --tried;
          continue;
        }
      }
      if (!passes(response.status)) co_return response;
      if (tried + 1 >= options_.tries) throw explain(call, response);
      asked_for = std::move(response.headers);
    } catch (const Failure& failure) {
      if (!failure.passes() || tried + 1 >= options_.tries) {
        const bool told = std::string_view(failure.what()).starts_with(call.doing);
        if (told) throw;
        throw Failure(failure.kind(), fmt::format("{}: {}", named(call), failure.what()));
      }
    }
    co_await pause(tried, asked_for);
  }
}

awaitable<std::unique_ptr<net::Answer>> Session::open_once(const Call& call) {
  std::string target = call.target;
  bool introduced = false;
  for (int moved = 0; moved <= most_redirects;) {
    const Place place = place_of(call, target);
    const std::string sent = authorization(call.scope);
    std::unique_ptr<net::Answer> answer =
        co_await client_of(place.origin)
            .open(request_for(call, place), Deadline::after(clock_, options_.patience));
    const int status = answer->head().status;
    note_warnings(answer->head().headers);
    if (status == 401 && !introduced && place.origin == own_origin_) {
      introduced = true;
      net::Headers headers = answer->head().headers;
      const bool again = co_await introduce(std::move(headers), call.scope, sent);
      if (again) continue;
    }
    const bool is_redirect =
        status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
    if (!is_redirect) co_return answer;
    const std::string location(net::find_header(answer->head().headers, "Location"));
    target = location.starts_with('/') ? place.origin + location : location;
    ++moved;
  }
  throw Failure(Kind::invalid, named(call) + ": it sends us in circles");
}

awaitable<std::unique_ptr<net::Answer>> Session::open(Call call) {
  for (int tried = 0;; ++tried) {
    net::Headers asked_for;
    try {
      std::unique_ptr<net::Answer> answer = co_await open_once(call);
      const net::Response& head = answer->head();
      if (!passes(head.status)) co_return answer;
      if (tried + 1 >= options_.tries) throw explain(call, head);
      asked_for = head.headers;
    } catch (const Failure& failure) {
      if (!failure.passes() || tried + 1 >= options_.tries) throw;
    }
    co_await pause(tried, asked_for);
  }
}

awaitable<net::Response> Session::send(Call call, net::BodySource& body) {
  const Place place = place_of(call, call.target);
  const std::string sent = authorization(call.scope);
  net::Response response = co_await client_of(place.origin)
                               .send(request_for(call, place), body, 1u << 20, options_.patience);
  note_warnings(response.headers);
  if (response.status == 401 && place.origin == own_origin_)
    co_await introduce(response.headers, call.scope, sent);
  co_return response;
}

Failure Session::explain(const Call& call, const net::Response& response) const {
  const int status = response.status;
  Kind kind = Kind::invalid;
  std::string_view remedy;
  if (status == 401 || status == 403) {
    kind = Kind::denied;
    remedy = options_.login.empty()
                 ? "; log in (docker login, skopeo login), or give the login's file with --authfile"
                 : "; the login may not do this: ask who runs the registry";
  } else if (status == 413) {
    remedy =
        "; what stands before the registry takes no body of that size: ask for a larger one "
        "(nginx: client_max_body_size 0), or send pieces with --chunk-size";
  } else if (status == 429) {
    kind = Kind::overloaded;
  } else if (passes(status)) {
    kind = Kind::disconnected;
  }
  const std::string words = words_of(response);
  return Failure(kind, fmt::format("{}: {}{}{}{}", named(call), status, words.empty() ? "" : " ",
                                   words, remedy));
}

}  // namespace raykeep::oci
