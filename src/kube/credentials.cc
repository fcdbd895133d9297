#include "kube/credentials.h"

#include <fstream>

#include <fmt/format.h>

#include "base/error.h"
#include "base/text.h"
#include "kube/exec_plugin.h"
#include "net/base64.h"

namespace raykeep::kube {
namespace {

namespace asio = boost::asio;

// The kubelet renews projected tokens at 80% of their life, so a minute is well within (client-go's
// tokensource.go).
constexpr auto token_file_age = std::chrono::seconds(50);
// A credential that ends in this time would end under way.
constexpr auto expiry_margin = std::chrono::seconds(10);
constexpr std::size_t most_token = 64 * 1024;

std::string read_token(const Config& config) {
  std::ifstream in(config.token_file, std::ios::binary);
  std::string text(most_token, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  auto token = std::string(trim(text));
  if (token.empty()) {
    throw Failure(
        Failure::Kind::denied,
        fmt::format("{}: no token can be read from it; log in again or ask for a new kubeconfig",
                    config.token_file));
  }
  return token;
}

}  // namespace

Credentials::Credentials(asio::any_io_executor executor, const Config& config, const Clock& clock)
    : executor_(executor), config_(config), clock_(clock), plugin_done_(executor) {}

std::shared_ptr<const Identity> Credentials::with_token(const std::string& token) const {
  auto identity = std::make_shared<Identity>();
  identity->certificate_pem = config_.client_certificate_pem;
  identity->key_pem = config_.client_key_pem;
  if (!token.empty()) {
    identity->headers.emplace_back("Authorization", "Bearer " + token);
  } else if (!config_.username.empty()) {
    identity->headers.emplace_back(
        "Authorization",
        "Basic " + net::base64_encode(config_.username + ":" + config_.password.reveal()));
  }
  if (!config_.impersonate.empty()) {
    identity->headers.emplace_back("Impersonate-User", config_.impersonate);
    for (const auto& group : config_.impersonate_groups)
      identity->headers.emplace_back("Impersonate-Group", group);
  }
  return identity;
}

std::shared_ptr<const Identity> Credentials::from_files() {
  if (config_.token_file.empty()) return cached_ ? cached_ : with_token(config_.token.reveal());
  if (cached_ && clock_.now() - read_at_ < token_file_age) return cached_;
  auto fresh = with_token(read_token(config_));
  read_at_ = clock_.now();
  return cached_ && cached_->headers == fresh->headers ? cached_ : fresh;
}

asio::awaitable<std::shared_ptr<const Identity>> Credentials::current(Deadline& until) {
  // client-go asks the plugin only when nothing else identifies the user.
  bool plugin = config_.exec && config_.token.empty() && config_.token_file.empty() &&
                config_.username.empty() && config_.client_certificate_pem.empty();
  if (!plugin) {
    cached_ = from_files();
    co_return cached_;
  }
  const Instant began = clock_.now();
  auto put_off = [&] {
    if (!until.is_never()) until.at += clock_.now() - began;
  };
  while (plugin_runs_) co_await plugin_done_.wait(clock_);  // it has a deadline of its own
  if (cached_ && std::chrono::system_clock::now() + expiry_margin < expires_) {
    put_off();
    co_return cached_;
  }

  struct Running {
    Credentials& owner;
    explicit Running(Credentials& c) : owner(c) { owner.plugin_runs_ = true; }
    ~Running() {
      owner.plugin_runs_ = false;
      owner.plugin_done_.notify();
    }
  } running(*this);
  auto given = co_await run_plugin(executor_, config_, until, clock_);
  auto identity = std::make_shared<Identity>(*with_token(given.token.reveal()));
  if (!given.certificate_pem.empty()) {
    identity->certificate_pem = given.certificate_pem;
    identity->key_pem = given.key_pem;
  }
  expires_ = given.expires.value_or(std::chrono::system_clock::time_point::max());
  cached_ = identity;
  put_off();
  co_return cached_;
}

bool Credentials::forget(const std::shared_ptr<const Identity>& identity) {
  if (cached_ != identity) return true;  // somebody else renewed it meanwhile
  if (config_.exec) {
    cached_ = nullptr;
    return true;
  }
  if (config_.token_file.empty()) return false;
  read_at_ = {};
  try {
    auto fresh = with_token(read_token(config_));
    return fresh->headers != identity->headers;
  } catch (const Failure&) {
    return false;
  }
}

}  // namespace raykeep::kube
