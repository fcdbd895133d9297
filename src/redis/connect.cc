// connect(): from options to a connection with the master.
#include <charconv>
#include <fstream>

#include <fmt/format.h>

#include "base/text.h"
#include "net/dial.h"
#include "redis/connection.h"

namespace raykeep::redis {
namespace {

using Kind = Failure::Kind;

constexpr int usual_port = 6379;
constexpr int usual_sentinel_port = 26379;
constexpr std::size_t largest_file = 1024 * 1024;

// While others remain to be tried, one that swallows packets must not eat the whole deadline.
constexpr auto patience_per_address = std::chrono::seconds(2);

std::string read_file(const std::string& path, std::string_view what) {
  std::ifstream in(path, std::ios::binary);
  std::string text(largest_file + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (in.bad() || (!in.eof() && in.fail()) || text.empty()) {
    throw Failure(Kind::invalid,
                  fmt::format("{}: no {} can be read from it; is the Secret mounted?", path, what));
  }
  if (text.size() > largest_file)
    throw Failure(Kind::invalid, fmt::format("{}: too large for {}", path, what));
  return text;
}

struct Credentials {
  std::string user = {};
  Secret<std::string> password = {};
};

Credentials read_credentials(const std::string& user_file, const std::string& password_file) {
  Credentials read;
  if (!user_file.empty()) read.user = trim(read_file(user_file, "user name"));
  if (!password_file.empty()) {
    // Editors and `echo` end a file with a line end; a password may well end with a blank.
    auto password = read_file(password_file, "password");
    while (password.ends_with('\n') || password.ends_with('\r')) password.pop_back();
    read.password = Secret(std::move(password));
  }
  return read;
}

std::shared_ptr<const net::TlsContext> read_tls(const Tls& tls, TlsMemory& memory) {
  if (!tls.enabled) return nullptr;
  net::TlsOptions options{.server_name = tls.server_name, .http = false};
  if (!tls.ca_file.empty()) {
    options.ca_pem = read_file(tls.ca_file, "CA certificate");
    options.ca_origin = tls.ca_file;
  }
  if (!tls.certificate_file.empty()) {
    options.client_certificate_pem = read_file(tls.certificate_file, "client certificate");
    options.client_key_pem = Secret(read_file(tls.key_file, "client key"));
  }
  Secret made_of(options.ca_pem + options.client_certificate_pem + options.client_key_pem.reveal());
  if (!memory.context || memory.made_of != made_of) {
    memory.context = std::make_shared<net::TlsContext>(std::move(options));
    memory.made_of = std::move(made_of);
  }
  return memory.context;
}

net::Url parse_address(const std::string& address, int port) {
  auto url = net::parse_url("redis://" + address);
  if (!url || url->host.empty()) {
    throw Failure(Kind::invalid,
                  fmt::format("{} is not an address; write it as host:port", quoted(address)));
  }
  // parse_url knows no port for redis://, and says 443.
  if (!address.ends_with(fmt::format(":{}", url->port))) url->port = port;
  return *url;
}

/// What one attempt to connect needs, read once per connect().
struct Attempt {
  boost::asio::any_io_executor executor;
  const Clock& clock;
  std::shared_ptr<const net::TlsContext> tls;
  Deadline until;

  Deadline patience(bool last) const {
    return last ? until : Deadline{std::min(until.at, clock.now() + patience_per_address)};
  }
};

/// One side speaks TLS and the other does not: a Redis that expects it hangs up, one that does not
/// waits for the end of what it takes for a request. The Failure should say so.
Failure with_tls_hint(const Failure& failure, bool tls) {
  std::string_view text(failure.what());
  if (failure.kind() != Kind::disconnected) return failure;
  if (tls && text.contains("TLS handshake")) {
    return Failure(failure.kind(),
                   fmt::format("{}; if it does not speak TLS, take redis.tls away", text));
  }
  if (!tls && (text.contains("closed") || text.contains("reset"))) {
    return Failure(failure.kind(), fmt::format("{}; if it expects TLS, set redis.tls", text));
  }
  return failure;
}

awaitable<std::unique_ptr<Connection>> open(Attempt attempt, net::Url server, Credentials who,
                                            Deadline until) {
  std::unique_ptr<net::Stream> stream;
  try {
    stream = co_await net::dial(attempt.executor, {.server = server, .tls = attempt.tls}, until,
                                attempt.clock);
  } catch (const Failure& failure) {
    throw with_tls_hint(failure, attempt.tls != nullptr);
  }
  auto connection = std::make_unique<Connection>(std::move(stream));
  if (!who.password.empty()) {
    std::vector<std::string> login{"AUTH"};
    if (!who.user.empty()) login.push_back(who.user);
    login.push_back(who.password.reveal());
    Reply reply;
    try {
      reply = co_await connection->ask(std::move(login), until);
    } catch (const Failure& failure) {
      throw with_tls_hint(failure, attempt.tls != nullptr);
    }
    if (reply.is_error()) throw refusal(reply, "log in", connection->peer());
  }
  co_return connection;
}

/// Under TLS 1.3 our side of the handshake is over before the server has looked at our certificate.
/// When it refuses that, it says so and hangs up, and what we have sent meanwhile makes the kernel
/// drop its word and report a reset. So ask again without saying anything, and listen. Gives
/// `failure` if nothing better is heard.
awaitable<Failure> heard_instead(Attempt attempt, net::Url server, Failure failure) {
  constexpr auto listening = std::chrono::milliseconds(500);
  if (!attempt.tls || !std::string_view(failure.what()).contains("reset")) co_return failure;
  try {
    Deadline until{std::min(attempt.until.at, attempt.clock.now() + listening)};
    auto stream = co_await net::dial(attempt.executor, {.server = server, .tls = attempt.tls},
                                     until, attempt.clock);
    char nothing;
    co_await stream->read_some(&nothing, 1, until);
  } catch (const Failure& heard) {
    if (heard.kind() == Kind::denied || heard.kind() == Kind::cancelled) co_return heard;
  }
  co_return failure;
}

/// Where the first Sentinel that answers says the master is.
awaitable<std::string> ask_sentinels(Attempt attempt, Sentinels sentinels) {
  auto who = read_credentials(sentinels.user_file, sentinels.password_file);
  std::vector<std::string> problems;
  for (std::size_t i = 0; i < sentinels.addresses.size(); ++i) {
    auto until = attempt.patience(i + 1 == sentinels.addresses.size());
    auto address = parse_address(sentinels.addresses[i], usual_sentinel_port);
    std::optional<Failure> failed;
    try {
      auto sentinel = co_await open(attempt, address, who, until);
      auto reply =
          co_await sentinel->ask({"SENTINEL", "GET-MASTER-ADDR-BY-NAME", sentinels.master}, until);
      if (reply.is_error())
        throw refusal(reply, "SENTINEL GET-MASTER-ADDR-BY-NAME", sentinel->peer());
      if (reply.elements.size() == 2) {
        co_return net::host_and_port(reply.elements[0].text,
                                     std::atoi(reply.elements[1].text.c_str()));
      }
      problems.push_back(fmt::format("{} knows no master {}; check redis.sentinel.master",
                                     sentinel->peer(), quoted(sentinels.master)));
    } catch (const Failure& failure) {
      failed = failure;
    }
    if (!failed) continue;
    failed = co_await heard_instead(attempt, address, *failed);
    if (failed->kind() == Kind::cancelled) throw *failed;
    problems.push_back(failed->what());
  }
  throw Failure(Kind::disconnected, "ask Sentinel for the master: " + join(problems, "; "));
}

}  // namespace

awaitable<void> look_at(Connection& connection, bool tls, Deadline until) {
  Reply info;
  try {
    info = co_await connection.ask({"INFO"}, until);
  } catch (const Failure& failure) {
    throw with_tls_hint(failure, tls);
  }
  if (info.is_error()) throw refusal(info, "INFO", connection.peer());
  connection.facts = parse_info(info.text);
  if (connection.facts.loading) {
    throw Failure(Kind::disconnected,
                  fmt::format("{} is still loading its data", connection.peer()));
  }
  if (connection.facts.role != "master") {
    throw Failure(
        Kind::disconnected,
        fmt::format(
            "{} is a replica{}; it cannot be written to", connection.peer(),
            connection.facts.master_host.empty() ? "" : " of " + connection.facts.master_host));
  }
  if (!connection.facts.cluster) co_return;
  auto cluster = co_await connection.ask({"CLUSTER", "INFO"}, until);
  for (auto line : split(cluster.text, '\n')) {
    if (!line.starts_with("cluster_size:")) continue;
    auto value = trim(line.substr(line.find(':') + 1));
    std::from_chars(value.data(), value.data() + value.size(), connection.shards);
  }
  for (const auto& concern : concerns(connection.facts, connection.shards)) {
    if (concern.weight != Concern::Weight::fatal) continue;
    throw Failure(Kind::invalid,
                  fmt::format("{}: {}; {}", connection.peer(), concern.what, concern.remedy));
  }
}

awaitable<std::unique_ptr<Connection>> connect(boost::asio::any_io_executor executor,
                                               const Clock& clock, Upstream upstream,
                                               TlsMemory& tls, Deadline until) {
  Attempt attempt{executor, clock, read_tls(upstream.tls, tls), until};
  auto who = read_credentials(upstream.user_file, upstream.password_file);
  auto addresses = upstream.addresses;
  if (!upstream.sentinels.addresses.empty())
    addresses = {co_await ask_sentinels(attempt, upstream.sentinels)};
  if (addresses.empty()) throw Failure(Kind::invalid, "no address of Redis is configured");
  std::vector<std::string> problems;
  Kind kind = Kind::disconnected;
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    auto patience = attempt.patience(i + 1 == addresses.size());
    auto address = parse_address(addresses[i], usual_port);
    std::optional<Failure> failed;
    try {
      auto connection = co_await open(attempt, address, who, patience);
      co_await look_at(*connection, attempt.tls != nullptr, patience);
      co_return connection;
    } catch (const Failure& failure) {
      failed = failure;
    }
    failed = co_await heard_instead(attempt, address, *failed);
    if (failed->kind() == Kind::cancelled) throw *failed;
    // What a person must mend is the more useful news than an address that is merely away.
    if (failed->kind() != Kind::disconnected) kind = failed->kind();
    problems.push_back(failed->what());
  }
  throw Failure(kind, "connect to Redis: " + join(problems, "; "));
}

awaitable<std::unique_ptr<Connection>> connect(boost::asio::any_io_executor executor,
                                               const Clock& clock, Upstream upstream,
                                               Deadline until) {
  TlsMemory once;
  auto connection = co_await connect(executor, clock, std::move(upstream), once, until);
  co_return connection;
}

}  // namespace raykeep::redis
