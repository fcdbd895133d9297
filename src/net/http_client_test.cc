#include "net/http_client.h"

#include <gtest/gtest.h>

#include "net/message.h"
#include "net/run_until_done.h"
#include "net/scripted_server.h"

namespace raykeep::net {
namespace {

using namespace testing;
using Kind = Failure::Kind;

/// A client in the clear and the server it talks to.
struct Pair {
  explicit Pair(std::deque<Dialogue> dialogues)
      : server(loop.get_executor(), std::move(dialogues)) {
    auto url = parse_url(server.url());
    client.emplace(loop.get_executor(), HttpClientOptions{.server = *url, .tls = {}, .proxy = {}},
                   clock);
  }
  Response send(Request request = {.target = "/x"}, std::size_t most = 1 << 20) {
    return run_until_done(loop, client->send(std::move(request), most, ample(clock)));
  }
  Failure failure(Request request = {.target = "/x"}, std::size_t most = 1 << 20) {
    return failure_of(loop, client->send(std::move(request), most, ample(clock)));
  }

  SteadyClock clock;
  boost::asio::io_context loop;
  ScriptedServer server;
  std::optional<HttpClient> client;
};

TEST(HttpClient, GivesStatusHeadersAndBody) {
  Pair pair({{{.answer = http_answer(201, "hello", "X-A: b\r\n")}}});
  auto response =
      pair.send({.method = "POST", .target = "/a?b=c", .headers = {{"X-Q", "1"}}, .body = "body"});
  EXPECT_EQ(response.status, 201);
  EXPECT_EQ(response.body, "hello");
  EXPECT_EQ(find_header(response.headers, "x-a"), "b");
  ASSERT_EQ(pair.server.requests().size(), 1u);
  auto request = pair.server.requests()[0];
  EXPECT_TRUE(request.starts_with("POST /a?b=c HTTP/1.1\r\n")) << request;
  EXPECT_TRUE(request.contains("X-Q: 1\r\n")) << request;
  EXPECT_TRUE(request.ends_with("Content-Length: 4\r\n\r\nbody")) << request;
}

/// `count` pieces of `size` bytes.
class Pieces final : public BodySource {
 public:
  Pieces(std::size_t count, std::size_t size)
      : piece_(size, 'p'), left_(count), size_(count * size) {}
  std::uint64_t size() const override { return size_; }
  std::string_view next() override {
    --left_;
    return piece_;
  }
  std::size_t left() const { return left_; }

 private:
  std::string piece_;
  std::size_t left_;
  std::uint64_t size_;
};

TEST(HttpClient, SendsABodyInPieces) {
  Pair pair({{{.answer = http_answer(201, "one")}, {.answer = http_answer(202, "two")}}});
  for (const char* said : {"one", "two"}) {
    Pieces body(3, 5);
    auto response =
        run_until_done(pair.loop, pair.client->send({.method = "PATCH", .target = "/x"}, body, 100,
                                                    std::chrono::seconds(10)));
    EXPECT_EQ(response.body, said);
    EXPECT_EQ(body.left(), 0u);
  }
  EXPECT_EQ(pair.server.connections(), 1);
  EXPECT_TRUE(pair.server.requests()[0].ends_with("Content-Length: 15\r\n\r\nppppppppppppppp"));
}

TEST(HttpClient, AnAnswerToAHeadRequestHasNoBody) {
  Pair pair({{{.answer = "HTTP/1.1 200 OK\r\nContent-Length: 77\r\n\r\n"},
              {.answer = http_answer(200, "next")}}});
  auto response = pair.send({.method = "HEAD", .target = "/x"});
  EXPECT_EQ(find_header(response.headers, "content-length"), "77");
  EXPECT_EQ(response.body, "");
  EXPECT_EQ(pair.send().body, "next");
  EXPECT_FALSE(pair.server.requests()[0].contains("Content-Length"));
}

TEST(HttpClient, UnderstandsAnAnswerThatComesByteByByte) {
  Pair pair(
      {{{.answer = chunked_answer({"one", "two", std::string(300, 'x')}), .bytewise = true}}});
  EXPECT_EQ(pair.send().body, "onetwo" + std::string(300, 'x'));
}

TEST(HttpClient, SkipsInterimAnswers) {
  Pair pair({{{.answer = "HTTP/1.1 100 Continue\r\n\r\n" + http_answer(200, "real")}}});
  EXPECT_EQ(pair.send().body, "real");
}

TEST(HttpClient, ReadsABodyWithoutLengthUntilTheEnd) {
  Pair pair({{{.answer = "HTTP/1.0 200 OK\r\n\r\nuntil the end", .close = true}}});
  EXPECT_EQ(pair.send().body, "until the end");
}

TEST(HttpClient, UsesAnIdleConnectionAgain) {
  Pair pair({{{.answer = http_answer(200, "1")},
              {.answer = chunked_answer({"2"})},
              {.answer = http_answer(200, "3")}}});
  EXPECT_EQ(pair.send().body, "1");
  EXPECT_EQ(pair.send().body, "2");
  EXPECT_EQ(pair.send().body, "3");
  EXPECT_EQ(pair.server.connections(), 1);
}

TEST(HttpClient, DropsAConnectionWhoseAnswerWasNotReadToItsEnd) {
  Pair pair({{{.answer = chunked_answer({"a", "b"}).substr(0, 60), .stall = true}},
             {{.answer = http_answer(200, "fresh")}}});
  {
    auto answer = run_until_done(pair.loop, pair.client->open({.target = "/x"}, ample(pair.clock)));
    EXPECT_EQ(answer->head().status, 200);
  }
  EXPECT_EQ(pair.send().body, "fresh");
  EXPECT_EQ(pair.server.connections(), 2);
}

TEST(HttpClient, DropsAConnectionThatTheServerWantsClosed) {
  Pair pair({{{.answer = http_answer(200, "1", "Connection: close\r\n")}},
             {{.answer = http_answer(200, "2")}}});
  EXPECT_EQ(pair.send().body, "1");
  EXPECT_EQ(pair.send().body, "2");
  EXPECT_EQ(pair.server.connections(), 2);
}

TEST(HttpClient, DropsAConnectionOnWhichMoreCameThanTheAnswer) {
  Pair pair({{{.answer = http_answer(200, "1") + "HTTP/1.1 200 OK\r\n"}},
             {{.answer = http_answer(200, "2")}}});
  EXPECT_EQ(pair.send().body, "1");
  EXPECT_EQ(pair.send().body, "2");
  EXPECT_EQ(pair.server.connections(), 2);
}

// The server reads the second request and closes without a word: the client cannot tell it from an
// idle timeout.
TEST(HttpClient, SendsARepeatableRequestOnceMoreWhenAnIdleConnectionTurnsOutDead) {
  Pair pair({{{.answer = http_answer(200, "1")}, {.answer = "", .close = true}},
             {{.answer = http_answer(200, "2")}}});
  EXPECT_EQ(pair.send().body, "1");
  EXPECT_EQ(pair.send().body, "2");
  EXPECT_EQ(pair.server.connections(), 2);
}

TEST(HttpClient, NeverSendsAnUnrepeatableRequestTwice) {
  Pair pair({{{.answer = http_answer(200, "1")}, {.answer = "", .close = true}},
             {{.answer = http_answer(200, "2")}}});
  EXPECT_EQ(pair.send().body, "1");
  EXPECT_EQ(pair.failure({.method = "POST", .target = "/x", .repeatable = false}).kind(),
            Kind::disconnected);
  EXPECT_EQ(pair.server.requests().size(), 2u);
}

TEST(HttpClient, DoesNotRepeatOnceAnAnswerHasBegun) {
  Pair pair(
      {{{.answer = http_answer(200, "1")}, {.answer = http_answer(200, "22"), .cut_after = 10}},
       {{.answer = http_answer(200, "3")}}});
  EXPECT_EQ(pair.send().body, "1");
  EXPECT_EQ(pair.failure().kind(), Kind::disconnected);
  EXPECT_EQ(pair.server.connections(), 1);
}

TEST(HttpClient, SaysThatTheConnectionBrokeWhereverItBreaks) {
  auto whole = chunked_answer({"first", "second"});
  for (std::size_t cut = 0; cut < whole.size(); ++cut) {
    Pair pair({{{.answer = whole, .cut_after = cut}}});
    auto failure = pair.failure();
    EXPECT_EQ(failure.kind(), Kind::disconnected) << "cut after " << cut << ": " << failure.what();
    EXPECT_TRUE(std::string(failure.what()).contains("127.0.0.1:")) << failure.what();
  }
}

TEST(HttpClient, EndsAtTheDeadlineWhenTheServerSaysNothing) {
  Pair pair({{{.answer = "", .stall = true}}});
  auto failure = failure_of(pair.loop, pair.client->send({.target = "/x"}, 100, near(pair.clock)));
  EXPECT_EQ(failure.kind(), Kind::disconnected);
  EXPECT_TRUE(std::string(failure.what()).starts_with("timeout")) << failure.what();
}

TEST(HttpClient, EndsAtTheDeadlineInTheMiddleOfABody) {
  Pair pair({{{.answer = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", .stall = true}}});
  auto failure = failure_of(pair.loop, pair.client->send({.target = "/x"}, 100, near(pair.clock)));
  EXPECT_EQ(failure.kind(), Kind::disconnected);
  EXPECT_TRUE(std::string(failure.what()).starts_with("timeout")) << failure.what();
}

TEST(HttpClient, RefusesWhatIsNotHttp) {
  const std::string garbage[] = {
      std::string("\0\1\2\3garbage\r\n\r\n", 15),
      "SSH-2.0-OpenSSH_9.2\r\n\r\n",
      "HTTP/1.1 abc OK\r\n\r\n",
      "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n",
  };
  for (const auto& text : garbage) {
    Pair pair({{{.answer = text, .close = true}}});
    EXPECT_EQ(pair.failure().kind(), Kind::invalid) << text;
  }
}

TEST(HttpClient, RefusesAHugeHeader) {
  Pair pair({{{.answer = "HTTP/1.1 200 OK\r\nX: " + std::string(100'000, 'x'), .stall = true}}});
  EXPECT_EQ(pair.failure().kind(), Kind::invalid);
}

TEST(HttpClient, RefusesAChunkHeaderWithoutEnd) {
  auto text =
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;" + std::string(1'000'000, 'x');
  Pair pair({{{.answer = text, .stall = true}}});
  EXPECT_EQ(pair.failure().kind(), Kind::invalid);
}

TEST(HttpClient, BoundsTheBody) {
  Pair pair({{{.answer = http_answer(200, std::string(5000, 'x')), .stall = true}}});
  EXPECT_EQ(pair.failure({.target = "/x"}, 4999).kind(), Kind::invalid);
}

TEST(HttpClient, DoesNotBelieveAHugeContentLength) {
  Pair pair({{{.answer = "HTTP/1.1 200 OK\r\nContent-Length: 9223372036854775807\r\n\r\nxx",
               .close = true}}});
  EXPECT_EQ(pair.failure().kind(), Kind::disconnected);
}

TEST(HttpClient, SendsNoHeaderWithALineBreak) {
  Pair pair({{{.answer = http_answer(200, "")}}});
  EXPECT_EQ(pair.failure({.target = "/x", .headers = {{"A", "b\r\nC: d"}}}).kind(), Kind::invalid);
  EXPECT_EQ(pair.failure({.target = "/x\r\nA: b"}).kind(), Kind::invalid);
  EXPECT_EQ(pair.server.connections(), 0);
}

TEST(HttpClient, AnAnswerMayOutliveTheClient) {
  Pair pair({{{.answer = chunked_answer({"a", "b"}), .bytewise = true}}});
  auto answer = run_until_done(pair.loop, pair.client->open({.target = "/x"}, ample(pair.clock)));
  pair.client.reset();
  std::string body;
  while (auto piece = run_until_done(pair.loop, answer->read(ample(pair.clock)))) body += *piece;
  EXPECT_EQ(body, "ab");
}

TEST(ResponseReader, TakesBytesInPiecesOfAnySize) {
  auto whole = chunked_answer({"alpha", "beta"});
  for (std::size_t size = 1; size < whole.size(); ++size) {
    ResponseReader reader;
    std::string body;
    for (std::size_t at = 0; at < whole.size(); at += size) {
      reader.feed(std::string_view(whole).substr(at, size));
      body += reader.take_body();
    }
    EXPECT_EQ(body, "alphabeta") << "in pieces of " << size;
    EXPECT_TRUE(reader.may_reuse());
  }
}

}  // namespace
}  // namespace raykeep::net
