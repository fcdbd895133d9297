#include "node/identity.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>

#include <fmt/format.h>

#include "base/text.h"
#include "doc/json.h"
#include "net/certificate.h"
#include "net/event.h"
#include "net/http_client.h"
#include "node/whole_file.h"
#include "pki/authority.h"

namespace raykeep::node {
namespace {

using namespace std::chrono_literals;
using boost::asio::awaitable;
using WallTime = std::chrono::system_clock::time_point;

constexpr Duration for_answer = 10s;
constexpr Duration first_pause = 500ms;  // while Ray waits for it
constexpr Duration longest_pause = 10s;
constexpr Duration pause_in_good_times = 60s;
constexpr std::size_t most_answer = 256 * 1024;
constexpr std::size_t most_file = 256 * 1024;

/// The text of a file of moderate size; empty when there is none.
std::string text_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text(most_file, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(std::max<std::streamsize>(file.gcount(), 0)));
  return text;
}

/// What the controller says when it does not sign: {"error": "..."}.
std::string reason_in(const net::Response& answer) {
  const auto value = doc::parse_json(answer.body);
  const std::string_view reason = value ? doc::find_string(*value, {"error"}) : "";
  return reason.empty() ? fmt::format("status {}", answer.status)
                        : std::string(reason.substr(0, 400));
}

}  // namespace

struct Identity::State {
  std::string file(std::string_view name) const {
    return fmt::format("{}/{}", options.folder, name);
  }

  /// What lies in the folder: certificate and key that belong together, or nothing.
  void read_folder() {
    const std::string certificate = text_of(file("tls.crt"));
    const auto facts = net::read_certificate(certificate);
    key = Secret(text_of(file("tls.key")));
    if (!facts || !pki::belongs(certificate, key) || text_of(file("ca.crt")).empty()) {
      seen.ends.reset();
      return;
    }
    begins = facts->not_before;
    seen.ends = facts->not_after;
  }

  bool is_held() const { return seen.ends && std::chrono::system_clock::now() < *seen.ends; }

  /// When two thirds of the certificate's time are over.
  Duration until_renewal() const {
    if (!is_held()) return 0s;
    const auto due = begins + (*seen.ends - begins) * 2 / 3;
    const auto left = due - std::chrono::system_clock::now();
    return std::max<Duration>(std::chrono::duration_cast<Duration>(left), 0s);
  }

  awaitable<void> get_signed() {
    const std::string authority = text_of(options.authority_file);
    if (authority.empty())
      throw Failure(Failure::Kind::disconnected,
                    fmt::format("{} is not there yet", options.authority_file));
    const Secret<std::string> token(std::string(trim(text_of(options.token_file))));
    if (token.empty())
      throw Failure(Failure::Kind::disconnected,
                    fmt::format("{} is not there yet", options.token_file));
    pki::KeyAndRequest made = pki::make_request(pod.name, {}, key);
    net::HttpClientOptions to;
    to.server.scheme = "https";
    to.server.host = options.host;
    to.server.port = options.port;
    to.tls.ca_pem = authority;
    to.tls.ca_origin = options.authority_file;
    to.idle_connections = 0;
    net::HttpClient client(executor, std::move(to), clock);
    net::Response answer =
        co_await client.send({.method = "POST",
                              .target = "/v1/sign",
                              .headers = {{"Authorization", "Bearer " + token.reveal()},
                                          {"Content-Type", "application/pkcs10"}},
                              .body = made.request_pem},
                             most_answer, Deadline::after(clock, for_answer));
    if (answer.status != 200)
      throw Failure(Failure::Kind::denied,
                    fmt::format("the controller does not sign: {}", reason_in(answer)));
    take(answer.body, made.key_pem);
  }

  void take(const std::string& body, const Secret<std::string>& its_key) {
    const auto value = doc::parse_json(body);
    const std::string certificate(value ? doc::find_string(*value, {"certificate"}) : "");
    const std::string authority(value ? doc::find_string(*value, {"authority"}) : "");
    if (authority.empty() || !pki::belongs(certificate, its_key))
      throw Failure(Failure::Kind::invalid, "the controller's answer is no certificate of ours");
    write_whole_file(file("tls.key"), its_key.reveal(), 0600);
    write_whole_file(file("ca.crt"), authority, 0644);
    write_whole_file(file("tls.crt"), certificate, 0644);
    read_folder();
  }

  boost::asio::any_io_executor executor;
  const IdentityOptions& options;
  const Pod& pod;
  const Clock& clock;
  const Log& log;
  std::function<void()> changed;
  Secret<std::string> key;
  WallTime begins;
  IdentityState seen;
};

Identity::Identity(boost::asio::any_io_executor executor, const IdentityOptions& options,
                   const Pod& pod, const Clock& clock, const Log& log,
                   std::function<void()> changed)
    : state_(std::make_unique<State>(std::move(executor), options, pod, clock, log,
                                     std::move(changed))) {
  if (access(options.folder.c_str(), W_OK | X_OK) != 0)
    throw Failure(Failure::Kind::invalid,
                  fmt::format("use {}: {}", options.folder, std::strerror(errno)));
  state_->read_folder();
}

Identity::~Identity() = default;

IdentityState Identity::state() const {
  IdentityState out = state_->seen;
  out.held = state_->is_held();
  return out;
}

void Identity::ray_started() { state_->seen.ray_ends = state_->seen.ends; }

awaitable<void> Identity::run() {
  State& state = *state_;
  Duration pause = first_pause;
  for (;;) {
    if (const Duration left = state.until_renewal(); left > 0s) {
      co_await net::pause(std::min<Duration>(left, 1h));  // the machine may have slept
      continue;
    }
    std::string problem;
    try {
      co_await state.get_signed();
      ++state.seen.signed_times;
      state.log.say(Level::info, "certificate", {{"ends", net::to_date(*state.seen.ends)}});
      pause = first_pause;
    } catch (const Failure& failure) {
      if (failure.kind() == Failure::Kind::cancelled) throw;
      problem = failure.what();
      if (failure.kind() == Failure::Kind::denied) ++state.seen.refused_times;
    }
    if (!problem.empty() && problem != state.seen.problem)
      state.log.say(Level::warning, "no_certificate", {{"error", problem}});
    const bool failed = !problem.empty();
    state.seen.problem = std::move(problem);
    state.changed();
    if (!failed) continue;
    co_await net::pause(state.is_held() ? pause_in_good_times : pause);
    pause = std::min(pause * 2, longest_pause);
  }
}

}  // namespace raykeep::node
