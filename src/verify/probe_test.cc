#include "verify/probe.h"

#include <gtest/gtest.h>

#include "net/listener.h"
#include "net/run_until_done.h"

namespace raykeep::verify {
namespace {

TEST(Probe, TriesAllTargetsAndSaysWhatBecameOfEach) {
  SteadyClock clock;
  boost::asio::io_context loop;
  net::Listener open(loop.get_executor(), "127.0.0.1", 0, clock);
  int closed = net::Listener(loop.get_executor(), "127.0.0.1", 0, clock).port();
  ProbeOptions options;
  for (int i = 0; i < 300; ++i)
    options.targets.push_back({spec::Protocol::tcp, "127.0.0.1", closed});
  options.targets.push_back({spec::Protocol::tcp, "127.0.0.1", open.port()});
  options.targets.push_back({spec::Protocol::udp, "127.0.0.1", closed});
  doc::Value told = net::testing::run_until_done(loop, probe(loop.get_executor(), options, clock));
  EXPECT_EQ(doc::find_array(told, {"reached"})->size(), 302u);
  Result<ProbeAnswer> answer = parse_probe_answer(doc::write_json(told));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->reached.at(to_string(options.targets[0])).fate, net::Fate::refused);
  EXPECT_EQ(answer->reached.at(to_string(options.targets[300])).fate, net::Fate::open);
  EXPECT_EQ(answer->reached.at(to_string(options.targets[301])).fate, net::Fate::refused);
}

TEST(Probe, AnswersThatMakeNoSenseAreRefused) {
  for (const char* line : {"", "{", "[]", "{}", "{\"reached\": 1}", "bash: raykeep: not found"})
    EXPECT_FALSE(parse_probe_answer(line)) << line;
  EXPECT_EQ(parse_probe_answer(R"({"reached":[{"target":"tcp/a:1","fate":"odd"}]})")
                ->reached.at("tcp/a:1")
                .fate,
            net::Fate::unknown);
}

TEST(Probe, FindsTheNameServer) {
  EXPECT_EQ(name_server_in("search a b\nnameserver 10.96.0.10\nnameserver 10.96.0.11\n"),
            "10.96.0.10");
  EXPECT_EQ(name_server_in("# nameserver 1.1.1.1\nnameservers 2.2.2.2\n"), "");
}

}  // namespace
}  // namespace raykeep::verify
