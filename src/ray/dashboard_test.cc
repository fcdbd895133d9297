#include "ray/dashboard.h"

#include <fstream>

#include "net/run_until_done.h"
#include "net/scripted_server.h"

namespace raykeep::ray {
namespace {

using namespace net::testing;

#define EXPECT_HAS(text, part) EXPECT_TRUE((text).contains(part)) << (text)

struct Asked {
  Probe probe;
  std::vector<std::string> requests;
};

Asked check(std::deque<Dialogue> dialogues,
            std::chrono::milliseconds patience = std::chrono::seconds(30)) {
  SteadyClock clock;
  boost::asio::io_context loop;
  ScriptedServer server(loop.get_executor(), std::move(dialogues));
  Dashboard dashboard(loop.get_executor(), {"127.0.0.1", server.port(), "/no/such/token"}, clock);
  auto probe = run_until_done(loop, dashboard.check_gcs(Deadline::after(clock, patience)));
  return {probe, server.requests()};
}

TEST(Dashboard, IsServingWhenItSaysSuccess) {
  auto asked = check({{{.answer = http_answer(200, "success"), .bytewise = true}}});
  EXPECT_TRUE(asked.probe.good()) << asked.probe.text;
  ASSERT_EQ(asked.requests.size(), 1u);
  EXPECT_TRUE(asked.requests[0].starts_with("GET /api/gcs_healthz HTTP/1.1\r\n"));
  EXPECT_HAS(asked.requests[0], "User-Agent: ");  // Ray 2.41 answers 500 without
  EXPECT_FALSE(asked.requests[0].contains("uthorization")) << "the token is for who asks for it";
}

TEST(Dashboard, TellsWhatIsWrongWithIt) {
  struct Case {
    Dialogue dialogue;
    Answer answer;
    const char* text;
  };
  const Case cases[] = {
      {{{.answer = http_answer(503, "Health check failed\nmore")}},
       Answer::not_serving,
       "503 Health check failed"},
      {{{.answer = http_answer(503, "503: no GCS")}}, Answer::not_serving, ": 503: no GCS"},
      {{{.answer = http_answer(500, "")}}, Answer::not_serving, "500"},
      {{{.answer = http_answer(401, "no token")}}, Answer::denied, "401 no token"},
      {{{.answer = http_answer(403, "wrong token")}}, Answer::denied, "403 wrong token"},
      {{{.answer = http_answer(404, "")}}, Answer::nonsense, "404"},
      {{{.answer = http_answer(302, "", "Location: /x\r\n")}}, Answer::nonsense, "302"},
      {{{.answer = "SSH-2.0-OpenSSH_9.2\r\n"}}, Answer::nonsense, "/api/gcs_healthz"},
      {{{.answer = http_answer(200, std::string(100000, 'x'))}}, Answer::nonsense, "larger than"},
      {{{.answer = http_answer(200, "success"), .cut_after = 20}},
       Answer::unreachable,
       "127.0.0.1:"},
      {{{.answer = "x", .cut_after = 0}}, Answer::unreachable, "127.0.0.1:"},
  };
  for (const auto& c : cases) {
    auto asked = check({c.dialogue});
    EXPECT_EQ(asked.probe.answer, c.answer) << asked.probe.text;
    EXPECT_HAS(asked.probe.text, c.text);
    EXPECT_FALSE(asked.probe.text.contains('\n'));
  }
}

TEST(Dashboard, IsSilentWhenItHangs) {
  for (const Line& line :
       {Line{.stall = true}, Line{.answer = "HTTP/1.1 200 OK\r\n", .stall = true}}) {
    auto asked = check({{line}}, std::chrono::milliseconds(50));
    EXPECT_EQ(asked.probe.answer, Answer::silent) << asked.probe.text;
    EXPECT_GE(asked.probe.took, std::chrono::milliseconds(50));
  }
}

TEST(Dashboard, IsUnreachableWhenNobodyListens) {
  SteadyClock clock;
  boost::asio::io_context loop;
  Dashboard nobody(loop.get_executor(), {"127.0.0.1", 1, ""}, clock);
  EXPECT_EQ(run_until_done(loop, nobody.check_serve(ample(clock))).answer, Answer::unreachable);
}

TEST(Dashboard, AsksEachServerAtItsPathOnAConnectionOfItsOwn) {
  SteadyClock clock;
  boost::asio::io_context loop;
  Dialogue good = {{.answer = http_answer(200, "success")}};
  ScriptedServer server(loop.get_executor(), {good, good, good});
  Dashboard dashboard(loop.get_executor(), {"127.0.0.1", server.port(), ""}, clock);
  EXPECT_TRUE(run_until_done(loop, dashboard.check_gcs(ample(clock))).good());
  EXPECT_TRUE(run_until_done(loop, dashboard.check_raylet(ample(clock))).good());
  EXPECT_TRUE(run_until_done(loop, dashboard.check_serve(ample(clock))).good());
  const char* paths[] = {"/api/gcs_healthz", "/api/local_raylet_healthz", "/-/healthz"};
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_TRUE(server.requests()[i].starts_with(std::string("GET ") + paths[i] + " "));
  }
  EXPECT_EQ(server.connections(), 3);
}

TEST(DashboardVersion, ComesWithTheToken) {
  auto path = ::testing::TempDir() + "dashboard_token";
  std::ofstream(path) << "secret\n";
  struct Case {
    std::string body, version;
    Answer answer;
  };
  const Case cases[] = {
      {R"({"version": "4", "ray_version": "2.60.0"})", "2.60.0", Answer::serving},
      {R"({"version": "4"})", "", Answer::nonsense},
      {R"({"ray_version": 2})", "", Answer::nonsense},
      {R"([])", "", Answer::nonsense},
      {"success", "", Answer::nonsense},
      {"", "", Answer::nonsense},
  };
  for (const auto& c : cases) {
    SteadyClock clock;
    boost::asio::io_context loop;
    ScriptedServer server(loop.get_executor(), {{{.answer = http_answer(200, c.body)}}});
    Dashboard dashboard(loop.get_executor(), {"127.0.0.1", server.port(), path}, clock);
    auto version = run_until_done(loop, dashboard.version(ample(clock)));
    EXPECT_EQ(version.probe.answer, c.answer) << c.body;
    EXPECT_EQ(version.ray_version, c.version);
    EXPECT_HAS(server.requests()[0], "X-Ray-Authorization: Bearer secret\r\n");
  }
}

TEST(DashboardVersion, IsNotAskedForWhenTheTokenCannotBeRead) {
  SteadyClock clock;
  boost::asio::io_context loop;
  ScriptedServer server(loop.get_executor(), {});
  Dashboard dashboard(loop.get_executor(), {"127.0.0.1", server.port(), "/no/such/token"}, clock);
  auto version = run_until_done(loop, dashboard.version(ample(clock)));
  EXPECT_EQ(version.probe.answer, Answer::not_asked);
  EXPECT_HAS(version.probe.text, "/no/such/token");
  EXPECT_EQ(server.connections(), 0);
}

}  // namespace
}  // namespace raykeep::ray
