#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>

#include <boost/asio/detached.hpp>

#include "net/run_until_done.h"
#include "net/task_group.h"
#include "net/test_certificates.h"
#include "ray/gcs.h"
#include "ray/scripted_gcs.h"

namespace raykeep::ray {
namespace {

using namespace testing;
using net::testing::ample;
using net::testing::make_certificate;
using net::testing::run_until_done;

/// A GCS whose CheckAlive never ends.
struct HungGcs {
  ScriptedGcs server{{.check_alive = [this](const auto&, auto&) { return server.hang(); }}};
};

boost::asio::awaitable<void> remember_failure(Gcs& gcs, Deadline until,
                                              std::optional<Failure::Kind>& kind) {
  try {
    co_await gcs.check_alive({}, until);
  } catch (const Failure& failure) {
    kind = failure.kind();
  }
}

/// Runs the loop until the server was asked.
void wait_for_question(boost::asio::io_context& loop, ScriptedGcs& server) {
  while (server.tokens().empty()) loop.run_one_for(std::chrono::milliseconds(1));
}

TEST(RpcCall, EndsAtOnceWhenItIsCancelled) {
  HungGcs hung;
  SteadyClock clock;
  boost::asio::io_context loop;
  RpcEngine engine(loop.get_executor(), clock);
  Gcs gcs(engine, {"127.0.0.1", hung.server.port(), "", {}});
  std::optional<Failure::Kind> kind;
  net::TaskGroup tasks(loop.get_executor());
  tasks.spawn(remember_failure(gcs, ample(clock), kind));
  wait_for_question(loop, hung.server);
  EXPECT_FALSE(kind);
  tasks.cancel();
  run_until_done(loop, tasks.finish());
  EXPECT_EQ(kind, Failure::Kind::cancelled);
}

TEST(RpcCall, MayBeUnderWayWhenTheEngineGoes) {
  HungGcs hung;
  SteadyClock clock;
  boost::asio::io_context loop;
  std::optional<RpcEngine> engine(std::in_place, loop.get_executor(), clock);
  Gcs gcs(*engine, {"127.0.0.1", hung.server.port(), "", {}});
  std::optional<Failure::Kind> kind;
  net::TaskGroup tasks(loop.get_executor());
  tasks.spawn(remember_failure(gcs, ample(clock), kind));
  wait_for_question(loop, hung.server);
  auto start = clock.now();
  engine.reset();
  EXPECT_LT(clock.now() - start, std::chrono::seconds(5));
  run_until_done(loop, tasks.finish());
}

TEST(RpcCall, MayBeForgottenWithItsLoop) {
  HungGcs hung;
  SteadyClock clock;
  std::optional<Failure::Kind> kind;
  {
    boost::asio::io_context loop;
    RpcEngine engine(loop.get_executor(), clock);
    Gcs gcs(engine, {"127.0.0.1", hung.server.port(), "", {}});
    boost::asio::co_spawn(loop, remember_failure(gcs, ample(clock), kind), boost::asio::detached);
    wait_for_question(loop, hung.server);
  }
  EXPECT_FALSE(kind);
}

TEST(RpcCall, DoesNotDisturbOthersOnTheSameConnection) {
  std::atomic<int> asked = 0;
  ScriptedGcs server({.check_alive = [&](const auto&, rpc::CheckAliveReply& reply) {
    ++asked;
    reply.set_ray_version("2.60.0");
    return grpc::Status::OK;
  }});
  SteadyClock clock;
  boost::asio::io_context loop;
  RpcEngine engine(loop.get_executor(), clock);
  Gcs gcs(engine, {"127.0.0.1", server.port(), "", {}});
  int good = 0;
  net::TaskGroup tasks(loop.get_executor());
  auto ask = [](Gcs& from, Deadline until, int& count) -> boost::asio::awaitable<void> {
    auto alive = co_await from.check_alive({}, until);
    count += alive.probe.good();
  };
  for (int i = 0; i < 100; ++i) tasks.spawn(ask(gcs, ample(clock), good));
  run_until_done(loop, tasks.finish());
  EXPECT_EQ(good, 100);
  EXPECT_EQ(asked, 100);
}

/// The signals that a thread blocks, as /proc writes them.
std::string blocked_signals(const std::filesystem::path& task) {
  std::ifstream status(task / "status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("SigBlk:")) return line.substr(8);
  }
  return "gone";
}

TEST(RpcEngine, LeavesSignalsToTheProgramsOwnThread) {
  auto tasks = [] { return std::filesystem::directory_iterator("/proc/self/task"); };
  ScriptedGcs server({});  // its threads are not ours
  std::vector<std::filesystem::path> before;
  for (const auto& task : tasks()) before.push_back(task.path());
  SteadyClock clock;
  boost::asio::io_context loop;
  RpcEngine engine(loop.get_executor(), clock);
  Gcs gcs(engine, {"127.0.0.1", server.port(), "", {}});
  EXPECT_TRUE(run_until_done(loop, gcs.check_health(ample(clock))).good());
  int seen = 0;
  for (const auto& task : tasks()) {
    if (std::ranges::count(before, task.path()) > 0) continue;
    auto blocked = blocked_signals(task.path());
    // All but SIGKILL, SIGSTOP and the two that glibc keeps for itself.
    EXPECT_TRUE(blocked == "fffffffe3ffbfeff" || blocked == "fffffffe7ffbfeff" || blocked == "gone")
        << blocked;
    ++seen;
  }
  EXPECT_GE(seen, 1);
}

class MutualTls : public ::testing::Test {
 protected:
  std::string file(const std::string& name, const std::string& bytes) {
    auto path = ::testing::TempDir() + name;
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
  }
  Probe ask(RpcTlsFiles tls) {
    SteadyClock clock;
    boost::asio::io_context loop;
    RpcEngine engine(loop.get_executor(), clock);
    Gcs gcs(engine, {"127.0.0.1", server.port(), "", std::move(tls)});
    return run_until_done(loop, gcs.check_health(Deadline::after(clock, std::chrono::seconds(10))));
  }

  net::testing::KeyAndCertificate ca = make_certificate({.common_name = "ca", .is_ca = true});
  net::testing::KeyAndCertificate agent =
      make_certificate({.common_name = "agent", .for_clients = true}, &ca);
  net::testing::KeyAndCertificate pod =
      make_certificate({.common_name = "pod", .names = {"IP:127.0.0.1"}}, &ca);
  ScriptedGcs server{{}, 0, {pod.certificate_pem, pod.key_pem, ca.certificate_pem}};
  std::string ca_file = file("ca.pem", ca.certificate_pem);
  std::string certificate_file = file("certificate.pem", agent.certificate_pem);
  std::string key_file = file("key.pem", agent.key_pem);
};

TEST_F(MutualTls, WorksWithTheFilesThatRayHas) {
  auto probe = ask({.ca = ca_file, .certificate = certificate_file, .key = key_file});
  EXPECT_TRUE(probe.good()) << probe.text;
}

TEST_F(MutualTls, IsNotTakenForHealthWithoutTheRightFiles) {
  auto other = make_certificate({.common_name = "other", .is_ca = true});
  EXPECT_FALSE(ask({}).alive());
  EXPECT_FALSE(ask({.ca = ca_file}).alive());
  EXPECT_FALSE(ask({.ca = file("other.pem", other.certificate_pem),
                    .certificate = certificate_file,
                    .key = key_file})
                   .alive());
  EXPECT_FALSE(ask({.ca = ca_file,
                    .certificate = certificate_file,
                    .key = key_file,
                    .server_name = "elsewhere"})
                   .alive());
}

TEST_F(MutualTls, NamesTheFileThatIsMissing) {
  const Probe probe = ask({.ca = "/no/such/ca.pem"});
  EXPECT_EQ(probe.answer, Answer::not_asked);
  EXPECT_TRUE(probe.text.contains("/no/such/ca.pem")) << probe.text;
}

}  // namespace
}  // namespace raykeep::ray
