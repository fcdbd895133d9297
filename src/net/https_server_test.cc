// HttpServer with TLS, and with bodies that an Answerer reads.
#include <gtest/gtest.h>

#include "net/dial.h"
#include "net/event.h"
#include "net/http_client.h"
#include "net/http_server.h"
#include "net/run_until_done.h"
#include "net/test_certificates.h"

namespace raykeep::net {
namespace {

using namespace testing;
using namespace std::chrono_literals;

const KeyAndCertificate& ca() {
  static const auto made = make_certificate({.common_name = "test-ca", .names = {}, .is_ca = true});
  return made;
}

std::shared_ptr<const TlsServerContext> context(std::string common_name, std::string ca_pem = "") {
  auto made = make_certificate({.common_name = common_name, .names = {"IP:127.0.0.1"}}, &ca());
  return std::make_shared<const TlsServerContext>(
      TlsServerOptions{.certificate_pem = made.certificate_pem,
                       .key_pem = Secret(made.key_pem),
                       .client_ca_pem = ca_pem});
}

/// Says who asked and what, after a while.
awaitable<Response> answer(Call call) {
  co_await pause(1ms);
  if (call.request.target == "/throws") throw std::runtime_error("inside");
  auto who = call.certificate ? call.certificate->subject : "somebody";
  co_return Response{201,
                     "",
                     {},
                     fmt::format("{} {} {} {}", who, call.peer.substr(0, 10), call.request.method,
                                 call.request.body.size())};
}

struct Served {
  explicit Served(HttpServerOptions options = {}) {
    options.address = "127.0.0.1";
    server.emplace(loop.get_executor(), options, answer, clock);
  }
  explicit Served(std::shared_ptr<const TlsServerContext> first, HttpServerOptions options = {})
      : tls(std::move(first)) {
    options.address = "127.0.0.1";
    options.body_bytes = 64 * 1024;
    options.tls = [this] { return tls; };
    server.emplace(loop.get_executor(), options, answer, clock);
  }
  Url url() const {
    return *parse_url(fmt::format("{}://127.0.0.1:{}", tls ? "https" : "http", server->port()));
  }
  Response send(Request request, TlsOptions options = {}) {
    options.ca_pem = ca().certificate_pem;
    HttpClient client(loop.get_executor(), {.server = url(), .tls = std::move(options)}, clock);
    return run_until_done(loop, client.send(std::move(request), 1 << 20, ample(clock)));
  }
  std::unique_ptr<Stream> connect() {
    Route route{.server = *parse_url(fmt::format("http://127.0.0.1:{}", server->port()))};
    return run_until_done(loop, dial(loop.get_executor(), route, ample(clock), clock));
  }
  /// All that comes back to these bytes until the server closes.
  std::string ask(std::string bytes) {
    auto stream = connect();
    return run_until_done(loop, exchange(*stream, std::move(bytes), ample(clock)));
  }
  static awaitable<std::string> exchange(Stream& stream, std::string bytes, Deadline until) {
    co_await stream.write(bytes, until);
    std::string out;
    char buffer[1024];
    try {
      for (;;) {
        auto count = co_await stream.read_some(buffer, sizeof buffer, until);
        if (count == 0) break;
        out.append(buffer, count);
      }
    } catch (const Failure& failure) {  // a reset is an end, too
      if (std::string_view(failure.what()).contains("timeout")) throw;
    }
    co_return out;
  }

  SteadyClock clock;
  boost::asio::io_context loop;
  std::shared_ptr<const TlsServerContext> tls;
  std::optional<HttpServer> server;
};

TEST(HttpServer, AnswersOverTlsWithWhatAnAnswererWaitedFor) {
  Served served(context("server"));
  auto got = served.send({.target = "/"});
  EXPECT_EQ(got.status, 201);
  EXPECT_EQ(got.body, "somebody 127.0.0.1: GET 0");
  auto posted = served.send({.method = "POST", .target = "/", .body = std::string(60'000, 'x')});
  EXPECT_EQ(posted.body, "somebody 127.0.0.1: POST 60000");
  EXPECT_EQ(served.send({.target = "/throws"}).status, 500);
}

TEST(HttpServer, TellsTheAnswererWhichCertificateTheClientShowed) {
  Served served(context("server", ca().certificate_pem));
  auto me = make_certificate({.common_name = "agent", .names = {}, .for_clients = true}, &ca());
  auto got = served.send({.target = "/"}, {.client_certificate_pem = me.certificate_pem,
                                           .client_key_pem = Secret(me.key_pem)});
  EXPECT_TRUE(got.body.starts_with("CN=agent ")) << got.body;
  EXPECT_THROW(served.send({.target = "/"}), Failure);
}

TEST(HttpServer, ShowsTheNewestCertificateAndWithoutOneClosesConnections) {
  Served served(context("first"));
  auto shown = [&] {
    auto tls = std::make_shared<const TlsContext>(TlsOptions{.ca_pem = ca().certificate_pem});
    auto stream = run_until_done(
        served.loop, dial(served.loop.get_executor(), {.server = served.url(), .tls = tls},
                          ample(served.clock), served.clock));
    return stream->peer_certificate()->subject;
  };
  EXPECT_EQ(shown(), "CN=first");
  served.tls = context("second");
  EXPECT_EQ(shown(), "CN=second");
  auto url = served.url();
  served.tls = nullptr;
  auto tls = std::make_shared<const TlsContext>(TlsOptions{.ca_pem = ca().certificate_pem});
  EXPECT_EQ(failure_of(served.loop, dial(served.loop.get_executor(), {.server = url, .tls = tls},
                                         ample(served.clock), served.clock))
                .kind(),
            Failure::Kind::disconnected);
}

TEST(HttpServer, SaysNothingInTheClearOnATlsPort) {
  Served served(context("server"));
  auto said = served.ask("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_FALSE(said.contains("HTTP")) << said;
  EXPECT_EQ(served.send({.target = "/"}).status, 201);
}

TEST(HttpServer, GivesUpOnASlowHandshake) {
  Served served(context("server"), {.patience = 20ms});
  EXPECT_EQ(served.ask("\x16\x03\x01"), "");  // closed by the server, not by our own deadline
}

TEST(HttpServer, ServesOthersWhileHandshakesHang) {
  Served served(context("server"), {.connections = 4});
  std::vector<std::unique_ptr<Stream>> slow;
  for (int i = 0; i < 12; ++i) slow.push_back(served.connect());
  EXPECT_EQ(served.send({.target = "/"}).status, 201);
  EXPECT_LE(served.server->connections(), 4u);
}

TEST(HttpServer, BoundsABodyAndLetsTheClientReadWhy) {
  struct Row {
    const char* name;
    std::string request;
    int status;
  };
  std::string much(500'000, 'x');
  const Row rows[] = {
      {"as long as is said", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 500000\r\n\r\n" + much,
       413},
      {"in chunks",
       "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n7a120\r\n" + much +
           "\r\n0\r\n\r\n",
       413},
      {"a huge header", "POST / HTTP/1.1\r\nHost: a\r\nX: " + much + "\r\n\r\n", 431},
      {"another method", "PUT / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 405},
  };
  for (const auto& row : rows) {
    Served served({.body_bytes = 64 * 1024});
    auto said = served.ask(row.request);
    EXPECT_TRUE(said.starts_with("HTTP/1.1 " + std::to_string(row.status))) << row.name << said;
  }
}

}  // namespace
}  // namespace raykeep::net
