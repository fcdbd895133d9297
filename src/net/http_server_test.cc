#include "net/http_server.h"

#include <gtest/gtest.h>

#include "net/dial.h"
#include "net/http_client.h"
#include "net/run_until_done.h"

namespace raykeep::net {
namespace {

using namespace testing;
using namespace std::chrono_literals;

Response echo(const Request& request) {
  if (request.target == "/throws") throw std::runtime_error("inside");
  return {200, "", {{"X-Method", request.method}}, "you asked for " + request.target};
}

struct Served {
  explicit Served(HttpServerOptions options = {}) {
    options.address = "127.0.0.1";
    server.emplace(loop.get_executor(), options, echo, clock);
  }
  std::unique_ptr<Stream> connect() {
    auto url = parse_url(fmt::format("http://127.0.0.1:{}", server->port()));
    Route route{.server = *url};
    return run_until_done(loop, dial(loop.get_executor(), route, ample(clock), clock));
  }
  /// What comes back until the server closes or `end` has been seen.
  std::string read(Stream& stream, std::string end = "") {
    return run_until_done(loop, read_all(stream, end, ample(clock)));
  }
  static awaitable<std::string> read_all(Stream& stream, std::string end, Deadline until) {
    std::string out;
    char buffer[1024];
    for (;;) {
      std::size_t count = 0;
      try {
        count = co_await stream.read_some(buffer, sizeof buffer, until);
      } catch (const Failure& failure) {
        if (std::string_view(failure.what()).contains("timeout")) throw;
        break;  // a reset is an end, too
      }
      out.append(buffer, count);
      if (count == 0 || (!end.empty() && out.ends_with(end))) break;
    }
    co_return out;
  }
  void write(Stream& stream, std::string text) {
    run_until_done(loop, stream.write(text, ample(clock)));
  }
  std::string ask(std::string text) {
    auto stream = connect();
    write(*stream, text);
    return read(*stream);
  }

  SteadyClock clock;
  boost::asio::io_context loop;
  std::optional<HttpServer> server;
};

TEST(HttpServer, AnswersAProbeAsTheKubeletSendsIt) {
  Served served;
  auto answer = served.ask(
      "GET /readyz?verbose HTTP/1.1\r\nHost: 10.0.0.1:52370\r\nUser-Agent: kube-probe/1.34\r\n"
      "Accept: */*\r\nConnection: close\r\n\r\n");
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK\r\nContent-Length: 29\r\n")) << answer;
  EXPECT_TRUE(answer.ends_with("\r\n\r\nyou asked for /readyz?verbose")) << answer;
  EXPECT_TRUE(answer.contains("Connection: close\r\n"));
}

TEST(HttpServer, KeepsAConnectionForMoreRequestsAlsoWhenTheyComeAtOnce) {
  Served served;
  auto stream = served.connect();
  served.write(*stream, "GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n");
  auto answers = served.read(*stream, "for /2");
  EXPECT_TRUE(answers.contains("you asked for /1HTTP/1.1 200 OK")) << answers;
  EXPECT_EQ(served.server->connections(), 1u);
}

TEST(HttpServer, ReadsARequestThatComesByteByByte) {
  Served served;
  auto stream = served.connect();
  for (char c : std::string_view("HEAD /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"))
    served.write(*stream, std::string(1, c));
  auto answer = served.read(*stream);
  EXPECT_TRUE(answer.contains("X-Method: HEAD")) << answer;
  EXPECT_TRUE(answer.contains("Content-Length: 16\r\n")) << answer;
  EXPECT_TRUE(answer.ends_with("\r\n\r\n")) << answer;
}

TEST(HttpServer, RefusesWhatItDoesNotRead) {
  struct Row {
    const char* name;
    std::string request;
    int status;
  };
  const Row rows[] = {
      {"another method", "DELETE / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 405},
      {"garbage", "\x16\x03\x01\x02garbage\r\n\r\n", 400},
      {"a body", "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello", 413},
      {"a chunked body",
       "GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
       413},
      {"a huge header", "GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(10'000, 'x') + "\r\n\r\n",
       431},
      {"a handler that fails", "GET /throws HTTP/1.1\r\nConnection: close\r\n\r\n", 500},
  };
  for (const auto& row : rows) {
    Served served;
    auto answer = served.ask(row.request);
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 " + std::to_string(row.status))) << row.name << answer;
    EXPECT_FALSE(answer.contains("inside")) << row.name;
  }
}

TEST(HttpServer, GivesUpOnARequestThatDoesNotComeWhole) {
  Served served({.patience = 20ms});
  auto stream = served.connect();
  served.write(*stream, "GET / HTTP/1.1\r\nX");
  EXPECT_EQ(served.read(*stream), "");  // closed by the server, not by our own deadline
}

TEST(HttpServer, LetsTheOldestGoSoThatSlowClientsCannotKeepTheProbeOut) {
  Served served({.connections = 4});
  std::vector<std::unique_ptr<Stream>> slow;
  for (int i = 0; i < 12; ++i) {
    slow.push_back(served.connect());
    served.write(*slow.back(), "GET / HT");
  }
  auto answer = served.ask("GET /livez HTTP/1.1\r\nConnection: close\r\n\r\n");
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 200")) << answer;
  EXPECT_EQ(served.read(*slow[0]), "");
  EXPECT_LE(served.server->connections(), 4u);
}

TEST(HttpServer, EndsItsConnectionsWhenItGoes) {
  Served served;
  auto stream = served.connect();
  served.write(*stream, "GET / HTTP/1.1\r\n");
  served.server.reset();
  EXPECT_EQ(served.read(*stream), "");
}

TEST(HttpServer, SaysWhichPortIsTaken) {
  Served served;
  try {
    HttpServer second(served.loop.get_executor(),
                      {.address = "127.0.0.1", .port = served.server->port()}, echo, served.clock);
    FAIL() << "two servers on one port";
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.what(),
              fmt::format("listen on 127.0.0.1:{}: Address already in use", served.server->port()));
  }
}

}  // namespace
}  // namespace raykeep::net
