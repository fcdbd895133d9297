#include "net/tls_server.h"

#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include "net/dial.h"
#include "net/event.h"
#include "net/listener.h"
#include "net/openssl_handles.h"
#include "net/run_until_done.h"
#include "net/task_group.h"
#include "net/test_certificates.h"

namespace raykeep::net {
namespace {

using namespace testing;
using Kind = Failure::Kind;

#define EXPECT_HAS(text, part) EXPECT_TRUE((text).contains(part)) << (text)

const KeyAndCertificate& ca() {
  static const auto made = make_certificate({.common_name = "test-ca", .names = {}, .is_ca = true});
  return made;
}

TlsServerOptions server_options(const std::string& common_name = "server") {
  auto made = make_certificate({.common_name = common_name, .names = {"IP:127.0.0.1"}}, &ca());
  return {.certificate_pem = made.certificate_pem, .key_pem = Secret(made.key_pem)};
}

TlsOptions identity(const CertificateWish& wish, const KeyAndCertificate* issuer = &ca()) {
  auto made = make_certificate(wish, issuer);
  return {.ca_pem = ca().certificate_pem,
          .client_certificate_pem = made.certificate_pem,
          .client_key_pem = Secret(made.key_pem)};
}

/// How the server found a handshake: its Failure, or nothing; and what the client sent then.
struct Seen {
  std::optional<Failure> failure;
  std::optional<CertificateFacts> client;
  std::string bytes;
};

struct World {
  SteadyClock clock;
  boost::asio::io_context loop;
  Listener listener{loop.get_executor(), "127.0.0.1", 0, clock};

  awaitable<std::unique_ptr<Stream>> connect(std::shared_ptr<const TlsContext> tls = {}) {
    auto scheme = tls ? "https" : "http";
    Route route{.server = *parse_url(fmt::format("{}://127.0.0.1:{}", scheme, listener.port())),
                .tls = tls};
    co_return co_await dial(loop.get_executor(), std::move(route), ample(clock), clock);
  }
};

awaitable<void> serve_one(World& world, std::shared_ptr<const TlsServerContext> context,
                          Deadline until, Seen& seen) {
  auto stream = co_await world.listener.accept();
  try {
    co_await stream->accept_tls(context, until);
    seen.client = stream->peer_certificate();
    char buffer[64];
    auto count = co_await stream->read_some(buffer, sizeof buffer, until);
    seen.bytes.assign(buffer, count);
    co_await stream->write("welcome", until);
  } catch (const Failure& failure) {
    seen.failure = failure;
  }
}

/// What the client reads after "hello", or its Failure.
awaitable<std::string> greet(World& world, std::shared_ptr<const TlsContext> tls) {
  auto stream = co_await world.connect(tls);
  co_await stream->write("hello", ample(world.clock));
  char buffer[64];
  auto count = co_await stream->read_some(buffer, sizeof buffer, ample(world.clock));
  co_return std::string(buffer, count);
}

struct Outcome {
  Seen server;
  std::string answer;
  std::optional<Failure> client;
};

Outcome handshake(TlsServerOptions server, TlsOptions client) {
  World world;
  Outcome outcome;
  auto context = std::make_shared<const TlsServerContext>(std::move(server));
  TaskGroup tasks(world.loop.get_executor());
  tasks.spawn(serve_one(world, context, ample(world.clock), outcome.server));
  try {
    outcome.answer = run_until_done(
        world.loop, greet(world, std::make_shared<const TlsContext>(std::move(client))));
  } catch (const Failure& failure) {
    outcome.client = failure;
  }
  run_until_done(world.loop, tasks.finish());
  return outcome;
}

/// How the server finds a peer that sends these bytes first.
Seen knock(std::string bytes, Duration patience = std::chrono::seconds(30)) {
  World world;
  Seen seen;
  auto context = std::make_shared<const TlsServerContext>(server_options());
  TaskGroup tasks(world.loop.get_executor());
  tasks.spawn(serve_one(world, context, Deadline::after(world.clock, patience), seen));
  auto stream = run_until_done(world.loop, world.connect());
  run_until_done(world.loop, stream->write(bytes, ample(world.clock)));
  run_until_done(world.loop, tasks.finish());
  return seen;
}

/// The first message of a client that speaks up to this version and offers this by ALPN.
std::string client_hello(int newest, std::string alpn = "") {
  std::unique_ptr<SSL_CTX, Free<SSL_CTX_free>> context(SSL_CTX_new(TLS_client_method()));
  SSL_CTX_set_security_level(context.get(), 0);  // else there is no cipher for TLS 1.1
  SSL_CTX_set_min_proto_version(context.get(), TLS1_VERSION);
  SSL_CTX_set_max_proto_version(context.get(), newest);
  std::unique_ptr<SSL, Free<SSL_free>> ssl(SSL_new(context.get()));
  SSL_set_alpn_protos(ssl.get(), reinterpret_cast<const unsigned char*>(alpn.data()),
                      static_cast<unsigned>(alpn.size()));
  BIO* out = BIO_new(BIO_s_mem());
  SSL_set_bio(ssl.get(), BIO_new(BIO_s_mem()), out);
  SSL_connect(ssl.get());
  char* data = nullptr;
  auto size = BIO_get_mem_data(out, &data);
  return std::string(data, static_cast<std::size_t>(size));
}

TEST(TlsServer, ServesAClientThatTrustsItsAuthority) {
  auto outcome = handshake(server_options(), {.ca_pem = ca().certificate_pem});
  EXPECT_EQ(outcome.answer, "welcome");
  EXPECT_EQ(outcome.server.bytes, "hello");
  EXPECT_FALSE(outcome.server.client);
}

TEST(TlsServer, ReadsTheCertificateOfAClientItTrusts) {
  auto server = server_options();
  server.client_ca_pem = ca().certificate_pem;
  auto outcome = handshake(
      server, identity({.common_name = "agent", .names = {"IP:10.0.0.7"}, .for_clients = true}));
  EXPECT_EQ(outcome.answer, "welcome");
  ASSERT_TRUE(outcome.server.client);
  EXPECT_EQ(outcome.server.client->subject, "CN=agent");
  EXPECT_EQ(outcome.server.client->names, std::vector<std::string>{"10.0.0.7"});
}

TEST(TlsServer, SaysWhyAClientsCertificateIsRefused) {
  const auto other = make_certificate({.common_name = "other-ca", .names = {}, .is_ca = true});
  struct Row {
    const char* name;
    TlsOptions client;
    const char* said;
  };
  const Row rows[] = {
      {"none", {.ca_pem = ca().certificate_pem}, "shows no certificate"},
      {"a foreign one", identity({.for_clients = true}, &other), "other-ca"},
      {"an expired one",
       identity({.valid_from_days = -9, .valid_until_days = -1, .for_clients = true}),
       "expired on"},
      {"a server's", identity({.names = {"IP:127.0.0.1"}}), "purpose"},
  };
  for (const auto& row : rows) {
    auto server = server_options();
    server.client_ca_pem = ca().certificate_pem;
    auto outcome = handshake(server, row.client);
    ASSERT_TRUE(outcome.server.failure) << row.name;
    EXPECT_EQ(outcome.server.failure->kind(), Kind::denied) << row.name;
    std::string text = outcome.server.failure->what();
    EXPECT_HAS(text, row.said);
    EXPECT_HAS(text, "127.0.0.1:");
    EXPECT_NE(outcome.answer, "welcome") << row.name;
  }
}

TEST(TlsServer, NamesItsCertificateWhenTheClientRefusesIt) {
  const auto other = make_certificate({.common_name = "other-ca", .names = {}, .is_ca = true});
  auto outcome = handshake(server_options(), {.ca_pem = other.certificate_pem});
  ASSERT_TRUE(outcome.server.failure);
  EXPECT_EQ(outcome.server.failure->kind(), Kind::denied);
  EXPECT_HAS(std::string(outcome.server.failure->what()), "CN=server, issued by CN=test-ca");
}

TEST(TlsServer, RefusesWhatIsNoTlsOfToday) {
  struct Row {
    std::string bytes;
    const char* said;
  };
  const Row rows[] = {
      {"GET / HTTP/1.1\r\nHost: a\r\n\r\n", "does not speak TLS"},
      {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "does not speak TLS"},
      {client_hello(TLS1_1_VERSION), "no TLS newer than 1.1"},
      {client_hello(TLS1_VERSION), "no TLS newer than 1.1"},
      {client_hello(TLS1_3_VERSION, "\x02h2"), "no application protocol"},
  };
  for (const auto& row : rows) {
    auto seen = knock(row.bytes);
    ASSERT_TRUE(seen.failure) << row.said;
    EXPECT_EQ(seen.failure->kind(), Kind::invalid);
    EXPECT_HAS(std::string(seen.failure->what()), row.said);
  }
}

TEST(TlsServer, GivesUpOnAHandshakeThatDoesNotComeWhole) {
  auto hello = client_hello(TLS1_3_VERSION);
  auto seen = knock(hello.substr(0, 40), std::chrono::milliseconds(20));
  ASSERT_TRUE(seen.failure);
  EXPECT_EQ(seen.failure->kind(), Kind::disconnected);
  EXPECT_HAS(std::string(seen.failure->what()), "timeout: the TLS handshake from 127.0.0.1:");
}

awaitable<void> serve_the_gone(World& world, std::shared_ptr<const TlsServerContext> context,
                               std::optional<Failure>& failure) {
  auto stream = co_await world.listener.accept();
  co_await stream->accept_tls(context, ample(world.clock));
  try {
    for (int i = 0; i < 100; ++i) {
      co_await stream->write("hello", ample(world.clock));
      co_await pause(std::chrono::milliseconds(1));
    }
  } catch (const Failure& thrown) {
    failure = thrown;
  }
}

TEST(TlsServer, FailsWithoutASignalWhereTheClientIsGone) {
  World world;
  std::optional<Failure> failure;
  auto context = std::make_shared<const TlsServerContext>(server_options());
  TaskGroup tasks(world.loop.get_executor());
  tasks.spawn(serve_the_gone(world, context, failure));
  run_until_done(world.loop, world.connect(std::make_shared<const TlsContext>(
                                 TlsOptions{.ca_pem = ca().certificate_pem})));
  run_until_done(world.loop, tasks.finish());
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->kind(), Kind::disconnected);
}

TEST(TlsServer, RefusesMaterialThatCannotBeUsed) {
  auto one = server_options();
  auto two = server_options();
  const std::pair<TlsServerOptions, std::string> cases[] = {
      {{.certificate_pem = "no pem", .key_pem = one.key_pem}, "server certificate is not PEM"},
      {{.certificate_pem = one.certificate_pem, .key_pem = Secret(std::string("junk"))},
       "the server key"},
      {{.certificate_pem = one.certificate_pem, .key_pem = two.key_pem}, "do not belong together"},
      {{.certificate_pem = one.certificate_pem, .key_pem = one.key_pem, .client_ca_pem = "no pem"},
       "client CA: no certificate"},
  };
  for (const auto& [options, part] : cases) {
    try {
      TlsServerContext context(options);
      ADD_FAILURE() << "accepted: " << part;
    } catch (const Failure& failure) {
      EXPECT_EQ(failure.kind(), Kind::invalid);
      EXPECT_HAS(std::string(failure.what()), part);
    }
  }
}

}  // namespace
}  // namespace raykeep::net
