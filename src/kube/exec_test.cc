#include <gtest/gtest.h>

#include "kube/scripted_cluster.h"

namespace raykeep::kube {
namespace {

using namespace net::testing;

Config at(int port) {
  Config config;
  config.server = "http://127.0.0.1:" + std::to_string(port);
  return config;
}

/// A kubelet that sends these messages as soon as it is asked.
ExecResult run_against(std::vector<std::string> messages, std::string* target = nullptr) {
  SteadyClock clock;
  boost::asio::io_context loop;
  EchoWebSocketServer kubelet(loop.get_executor(), std::move(messages), "v4.channel.k8s.io");
  Client client(loop.get_executor(), at(kubelet.port()), clock);
  ExecResult result =
      run_until_done(loop, exec(client, "ray", "head", "ray-head", {"sh", "-c", "a b"},
                                Deadline::after(clock, std::chrono::seconds(5))));
  if (target != nullptr) *target = kubelet.targets().at(0);
  return result;
}

std::string failure_of(std::vector<std::string> messages) {
  try {
    run_against(std::move(messages));
  } catch (const Failure& failure) {
    return failure.what();
  }
  return "";
}

TEST(Exec, GivesOutputErrorsAndCode) {
  std::string target;
  ExecResult result =
      run_against({"\1one ", "\2oh", "\1two",
                   "\3"
                   R"({"status":"Failure","reason":"NonZeroExitCode",)"
                   R"("details":{"causes":[{"reason":"ExitCode","message":"7"}]}})"},
                  &target);
  EXPECT_EQ(result.code, 7);
  EXPECT_EQ(result.output, "one two");
  EXPECT_EQ(result.errors, "oh");
  EXPECT_EQ(target,
            "/api/v1/namespaces/ray/pods/head/exec?command=sh&command=-c&command=a%20b&"
            "container=ray-head&stdout=true&stderr=true");
  EXPECT_EQ(run_against({"\3{\"status\":\"Success\"}"}).code, 0);
}

TEST(Exec, ThatCouldNotBeRunFailsWithTheKubeletsWords) {
  EXPECT_EQ(failure_of({"\3{\"status\":\"Failure\",\"message\":\"no such container\"}"}),
            "run a command in Pod ray/head container ray-head: no such container");
  EXPECT_EQ(
      failure_of({"\3{"}),
      "run a command in Pod ray/head container ray-head: the kubelet's verdict cannot be read");
  EXPECT_NE(failure_of({"\1" + std::string(2u << 20, 'x')}), "");
}

}  // namespace
}  // namespace raykeep::kube
