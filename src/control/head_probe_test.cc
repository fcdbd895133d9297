#include "control/head_probe.h"

#include <gtest/gtest.h>

#include "net/listener.h"
#include "net/run_until_done.h"
#include "net/scripted_server.h"

namespace raykeep::control {
namespace {

using namespace net::testing;
using decide::Answer;

Answer answer_to(std::string bytes, bool stall = false) {
  boost::asio::io_context loop;
  SteadyClock clock;
  ScriptedServer server(loop.get_executor(), {{{.answer = std::move(bytes), .stall = stall}}});
  return run_until_done(
      loop, ask_head(clock, "127.0.0.1", server.port(), stall ? near(clock) : ample(clock)));
}

TEST(HeadProbe, AnyAnswerSaysThatTheNodeLives) {
  EXPECT_EQ(answer_to(http_answer(200, "ok")), Answer::answers);
  EXPECT_EQ(answer_to(http_answer(503, "the GCS hangs")), Answer::answers);
  EXPECT_EQ(answer_to("SSH-2.0-something\r\n\r\n"), Answer::answers);
}

TEST(HeadProbe, AFrozenNodeAcceptsAndSaysNothing) {
  EXPECT_EQ(answer_to("", true), Answer::silent);
}

TEST(HeadProbe, ANodeWithoutTheContainerRefuses) {
  boost::asio::io_context loop;
  SteadyClock clock;
  int port = 0;
  {
    ScriptedServer gone(loop.get_executor(), {});
    port = gone.port();
  }
  loop.poll();
  EXPECT_EQ(run_until_done(loop, ask_head(clock, "127.0.0.1", port, ample(clock))),
            Answer::refused);
}

}  // namespace
}  // namespace raykeep::control
