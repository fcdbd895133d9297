#include "node/tls_listener.h"

#include <stdlib.h>
#include <sys/resource.h>

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "net/dial.h"
#include "net/event.h"
#include "net/http_client.h"
#include "net/listener.h"
#include "net/run_until_done.h"
#include "net/scripted_server.h"
#include "net/test_certificates.h"

namespace raykeep::node {
namespace {

using namespace net::testing;
using namespace std::chrono_literals;
using net::awaitable;
using net::Stream;

const KeyAndCertificate& ca() {
  static const auto made = make_certificate({.common_name = "test-ca", .names = {}, .is_ca = true});
  return made;
}

/// The machine's clock, which a test can set forward.
struct MovableClock final : Clock {
  Instant now() const override { return std::chrono::steady_clock::now() + ahead; }
  Duration ahead = {};
};

/// A folder with tls.crt and tls.key, as the agent's own part keeps it.
struct Folder {
  Folder() {
    std::string name = "/tmp/tls_listener_test.XXXXXX";
    path = mkdtemp(name.data());
    renew("first");
  }
  ~Folder() { std::filesystem::remove_all(path); }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(path + "/" + name + ".new") << text;
    std::filesystem::rename(path + "/" + name + ".new", path + "/" + name);
  }
  void renew(const std::string& common_name) const {
    auto made = make_certificate({.common_name = common_name, .names = {"IP:127.0.0.1"}}, &ca());
    write("tls.crt", made.certificate_pem);
    write("tls.key", made.key_pem);
  }
  std::string path;
};

struct World {
  void listen(int plain, TlsListenerOptions options = {}, bool http2 = false) {
    options.ports = {{.port = 0, .plain = plain, .http2 = http2, .folder = folder.path}};
    listener.emplace(loop.get_executor(), options, clock);
  }
  TlsPortState state() const { return listener->state()[0]; }
  net::Route route() const {
    return {.server = *net::parse_url(fmt::format("https://127.0.0.1:{}", state().port.port)),
            .tls = std::make_shared<net::TlsContext>(trusting())};
  }
  net::TlsOptions trusting() const { return {.ca_pem = ca().certificate_pem}; }
  std::unique_ptr<Stream> connect() {
    return run_until_done(loop, net::dial(loop.get_executor(), route(), ample(clock), clock));
  }
  net::HttpClient client() {
    return {loop.get_executor(), {.server = route().server, .tls = trusting()}, clock};
  }
  std::string get() {
    auto made = client();
    return run_until_done(loop, made.send({.target = "/"}, 1 << 20, ample(clock))).body;
  }
  void write(Stream& stream, std::string text) {
    run_until_done(loop, stream.write(text, ample(clock)));
  }
  std::string read(Stream& stream, std::string end = "") {
    return run_until_done(loop, read_until(stream, end, ample(clock)));
  }
  /// What comes until `end`, or until the other side ends or breaks the connection.
  static awaitable<std::string> read_until(Stream& stream, std::string end, Deadline until) {
    std::string out;
    char buffer[4096];
    try {
      while (end.empty() || !out.ends_with(end)) {
        auto count = co_await stream.read_some(buffer, sizeof buffer, until);
        if (count == 0) break;
        out.append(buffer, count);
      }
    } catch (const Failure& failure) {
      if (std::string_view(failure.what()).contains("timeout")) throw;
    }
    co_return out;
  }
  /// Waits until no connection is left.
  void settle() { run_until_done(loop, none_open(*this, ample(clock))); }
  static awaitable<void> none_open(World& world, Deadline until) {
    while (world.state().open > 0 && !until.passed(world.clock)) co_await net::pause(1ms);
  }
  std::string ask(std::string text) {
    auto stream = connect();
    write(*stream, text);
    return read(*stream);
  }

  Folder folder;
  MovableClock clock;
  boost::asio::io_context loop;
  std::optional<TlsListener> listener;
};

constexpr const char* request = "POST / HTTP/1.1\r\nHost: ray\r\n\r\n";

/// Both ends of a connection.
struct Talk {
  std::unique_ptr<Stream> client, server;
};

/// Stands where Ray stands: the test holds the other end of each connection.
struct Ray {
  explicit Ray(World& w) : world(w) {}
  std::unique_ptr<Stream> accept() { return run_until_done(world.loop, listener.accept()); }
  /// A client that has sent a request.
  Talk talk() {
    auto client = world.connect();
    world.write(*client, request);
    return {std::move(client), accept()};
  }
  World& world;
  net::Listener listener{world.loop.get_executor(), "127.0.0.1", 0, world.clock};
};

TEST(TlsListener, CarriesRequestsAnswersAndChunks) {
  World world;
  ScriptedServer server(
      world.loop.get_executor(),
      {{{.answer = http_answer(200, "one")}, {.answer = http_answer(201, "two"), .bytewise = true}},
       {{.answer = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4\r\ndefg\r\n"
                   "0\r\n\r\n",
         .bytewise = true}}});
  world.listen(server.port());
  {
    auto client = world.client();
    auto send = [&](net::Request wish) {
      return run_until_done(world.loop, client.send(std::move(wish), 1 << 20, ample(world.clock)));
    };
    EXPECT_EQ(send({.target = "/"}).body, "one");
    EXPECT_EQ(send({.method = "POST", .target = "/x", .body = "hello"}).body, "two");
  }
  EXPECT_EQ(world.get(), "abcdefg");
  ASSERT_EQ(server.requests().size(), 3u);
  EXPECT_TRUE(server.requests()[1].ends_with("\r\n\r\nhello"));
  EXPECT_EQ(world.state().accepted, 2u);
}

TEST(TlsListener, CarriesAWebSocket) {
  World world;
  EchoWebSocketServer server(world.loop.get_executor(), {"welcome"}, "log");
  world.listen(server.port());
  auto client = world.client();
  auto upgrade = run_until_done(
      world.loop, client.upgrade({.target = "/api/jobs/x/logs/tail"}, "log", ample(world.clock)));
  ASSERT_TRUE(upgrade.socket);
  auto receive = [&] { return run_until_done(world.loop, upgrade.socket->receive()); };
  EXPECT_EQ(receive(), "welcome");
  run_until_done(world.loop, upgrade.socket->send("line"));
  EXPECT_EQ(receive(), "line");
}

TEST(TlsListener, CarriesHttp2AndTakesItOnlyWhereItIsWanted) {
  World world;
  Ray ray(world);
  constexpr const char* preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
  world.listen(ray.listener.port(), {}, true);
  EXPECT_EQ(failure_of(world.loop, net::dial(world.loop.get_executor(), world.route(),
                                             ample(world.clock), world.clock))
                .kind(),
            Failure::Kind::denied);  // our client offers http/1.1 alone
  auto route = world.route();
  auto options = world.trusting();
  options.http = false;
  route.tls = std::make_shared<net::TlsContext>(options);
  auto stream = run_until_done(
      world.loop, net::dial(world.loop.get_executor(), route, ample(world.clock), world.clock));
  world.write(*stream, preface);
  auto server = ray.accept();
  EXPECT_EQ(world.read(*server, "SM\r\n\r\n"), preface);
}

awaitable<void> send_much(Stream& stream, std::size_t bytes, Deadline until) {
  std::string part(64 * 1024, 'x');
  for (std::size_t sent = 0; sent < bytes; sent += part.size()) {
    part[0] = static_cast<char>(sent >> 16);
    co_await stream.write(part, until);
  }
  co_await stream.end_writing(until);
}

/// Reads to the end; how many bytes were as send_much() sends them.
awaitable<void> take_much(Stream& stream, std::size_t& good, Deadline until) {
  std::vector<char> buffer(64 * 1024);
  for (;;) {
    auto count = co_await stream.read_some(buffer.data(), buffer.size(), until);
    if (count == 0) co_return;
    for (std::size_t i = 0; i < count; ++i) {
      auto at = good + i;
      if (buffer[i] != (at % 65536 ? 'x' : static_cast<char>(at >> 16))) co_return;
    }
    good += count;
  }
}

long peak_kib() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

TEST(TlsListener, CarriesMuchBothWaysInLittleMemory) {
  constexpr std::size_t much = std::size_t{100} << 20;
  World world;
  Ray ray(world);
  world.listen(ray.listener.port());
  auto [client, server] = ray.talk();
  EXPECT_EQ(world.read(*server, "\r\n\r\n"), request);
  [[maybe_unused]] long before = peak_kib();
  auto until = ample(world.clock);
  std::size_t to_server = 0, to_client = 0;
  {
    // Nobody reads yet: what the kernel takes is all that is sent.
    net::TaskGroup tasks(world.loop.get_executor());
    tasks.spawn(send_much(*client, much, until));
    tasks.spawn(send_much(*server, much, until));
    run_until_done(world.loop, net::pause(200ms));
    EXPECT_EQ(tasks.size(), 2u);
    tasks.spawn(take_much(*client, to_client, until));
    tasks.spawn(take_much(*server, to_server, until));
    run_until_done(world.loop, tasks.finish());
  }
  EXPECT_EQ(to_server, much);
  EXPECT_EQ(to_client, much);
#if !__has_feature(address_sanitizer)  // which keeps what was freed, to catch its use
  EXPECT_LT(peak_kib() - before, 8 * 1024);
#endif
}

TEST(TlsListener, PassesTheEndOfOneSideOnAndLetsTheOtherGoOn) {
  World world;
  Ray ray(world);
  world.listen(ray.listener.port());
  auto [client, server] = ray.talk();
  world.read(*server, "\r\n\r\n");
  run_until_done(world.loop, client->end_writing(ample(world.clock)));
  EXPECT_EQ(world.read(*server), "");
  world.write(*server, "late answer");
  EXPECT_EQ(world.read(*client, "answer"), "late answer");
  run_until_done(world.loop, server->end_writing(ample(world.clock)));
  EXPECT_EQ(world.read(*client), "");

  auto [second, other] = ray.talk();
  run_until_done(world.loop, other->end_writing(ample(world.clock)));
  EXPECT_EQ(world.read(*second), "");
  world.write(*second, "the rest");
  EXPECT_EQ(world.read(*other, "the rest"), std::string(request) + "the rest");
}

TEST(TlsListener, BreaksTheOtherSideWhenOneBreaks) {
  World world;
  Ray ray(world);
  world.listen(ray.listener.port());
  auto [client, server] = ray.talk();
  server->abort();
  char byte;
  auto failure = failure_of(world.loop, client->read_some(&byte, 1, ample(world.clock)));
  EXPECT_EQ(failure.kind(), Failure::Kind::disconnected);  // not an end in good order
}

TEST(TlsListener, RefusesHeadsThatAreTooLongTooSlowOrNotWhole) {
  World world;
  Ray ray(world);
  world.listen(ray.listener.port(), {.patience = 100ms});
  auto too_long = world.ask("GET / HTTP/1.1\r\nX: " + std::string(300'000, 'x'));
  EXPECT_TRUE(too_long.starts_with("HTTP/1.1 431 ")) << too_long;
  EXPECT_EQ(world.ask("GET / HTTP/1.1\r\nX: "), "");  // closed by the listener's patience
  auto stream = world.connect();
  world.write(*stream, "GET / HTTP/1.1\r\n");
  run_until_done(world.loop, stream->end_writing(ample(world.clock)));
  EXPECT_TRUE(world.read(*stream).starts_with("HTTP/1.1 400 "));
  stream.reset();
  world.settle();
  EXPECT_EQ(world.state().heads, 3u);
  EXPECT_EQ(world.state().open, 0u);
}

TEST(TlsListener, FindsTheEndOfAHeadThatComesByteByByte) {
  World world;
  ScriptedServer server(world.loop.get_executor(), {{{.answer = http_answer(200, "yes")}}});
  world.listen(server.port());
  auto stream = world.connect();
  for (char c : std::string_view(request)) world.write(*stream, std::string(1, c));
  EXPECT_TRUE(world.read(*stream, "yes").starts_with("HTTP/1.1 200 "));
}

TEST(TlsListener, SaysThatNothingOfRaysAnswers) {
  World world;
  auto ray = std::make_unique<Ray>(world);
  world.listen(ray->listener.port());
  auto port = ray->listener.port();
  ray.reset();
  auto said = world.ask(request);
  EXPECT_TRUE(said.starts_with("HTTP/1.1 502 Bad Gateway\r\n")) << said;
  EXPECT_TRUE(said.contains(std::to_string(port))) << said;
  EXPECT_EQ(world.state().unreachable, 1u);
}

TEST(TlsListener, RefusesNewConnectionsWhenFull) {
  World world;
  ScriptedServer server(world.loop.get_executor(), {{{.answer = http_answer(200, "yes")}}});
  world.listen(server.port(), {.connections = 2});
  auto first = world.connect();
  {
    auto second = world.connect();
    EXPECT_THROW(world.connect(), Failure);
    EXPECT_EQ(world.state().full, 1u);
    EXPECT_EQ(world.state().open, 2u);
  }
  world.write(*first, request);
  EXPECT_TRUE(world.read(*first, "yes").starts_with("HTTP/1.1 200 "));
  world.connect();  // the second one's place is free again
}

TEST(TlsListener, ClosesAConnectionOnWhichNothingMoves) {
  World world;
  Ray ray(world);
  world.listen(ray.listener.port(), {.idle = 50ms});
  auto [client, server] = ray.talk();
  EXPECT_EQ(world.read(*client), "");
  world.settle();
  EXPECT_EQ(world.state().idle, 1u);
  EXPECT_EQ(world.state().to_server, std::string_view(request).size());
}

TEST(TlsListener, LetsNobodyInInTheClearOrWithoutACertificate) {
  World world;
  Ray ray(world);
  world.listen(ray.listener.port());
  auto route = world.route();
  route.tls = nullptr;
  auto plain = run_until_done(
      world.loop, net::dial(world.loop.get_executor(), route, ample(world.clock), world.clock));
  world.write(*plain, request);
  EXPECT_FALSE(world.read(*plain).contains("HTTP"));
  EXPECT_TRUE(world.state().problem.contains("does not speak TLS")) << world.state().problem;

  std::filesystem::remove(world.folder.path + "/tls.crt");
  world.listen(ray.listener.port());
  EXPECT_THROW(world.connect(), Failure);
  EXPECT_EQ(world.state().handshakes, 1u);
  EXPECT_TRUE(world.state().problem.contains("tls.crt: No such file")) << world.state().problem;
}

TEST(TlsListener, ShowsARenewedCertificateWhileOldConnectionsGoOn) {
  World world;
  Ray ray(world);
  world.listen(ray.listener.port());
  auto old = world.connect();
  world.write(*old, request);
  auto server = ray.accept();
  EXPECT_EQ(old->peer_certificate()->subject, "CN=first");

  // The key of the new one is not there yet.
  auto next = make_certificate({.common_name = "next", .names = {"IP:127.0.0.1"}}, &ca());
  world.folder.write("tls.crt", next.certificate_pem);
  world.clock.ahead += 3s;
  EXPECT_EQ(world.connect()->peer_certificate()->subject, "CN=first");
  EXPECT_TRUE(world.state().problem.contains("do not belong together")) << world.state().problem;

  world.folder.write("tls.key", next.key_pem);
  world.clock.ahead += 3s;
  EXPECT_EQ(world.connect()->peer_certificate()->subject, "CN=next");
  EXPECT_EQ(world.state().certificate->subject, "CN=next");
  EXPECT_EQ(world.state().problem, "");
  world.write(*server, "still here");
  EXPECT_EQ(world.read(*old, "here"), "still here");
}

}  // namespace
}  // namespace raykeep::node
