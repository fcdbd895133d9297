#include "ray/gcs.h"

#include <atomic>
#include <cstdlib>
#include <fstream>

#include "net/run_until_done.h"
#include "net/scripted_server.h"
#include "net/url.h"
#include "ray/raw_server.h"
#include "ray/scripted_gcs.h"

namespace raykeep::ray {
namespace {

using namespace testing;
using net::testing::ample;
using net::testing::near;
using net::testing::run_until_done;
using Kind = Failure::Kind;

const std::string id_a(56, 'a'), id_b(56, 'b');
const std::string binary_a(28, '\xaa');

#define EXPECT_HAS(text, part) EXPECT_TRUE((text).contains(part)) << (text)

/// A loop, an engine and a client for a server on that port of the loopback.
struct Asker {
  explicit Asker(int port, std::string token_file = "")
      : gcs(engine, {"127.0.0.1", port, std::move(token_file), {}}) {}

  Probe health(Deadline until) { return run_until_done(loop, gcs.check_health(until)); }
  Probe health() { return health(ample(clock)); }
  Alive alive(std::vector<std::string> ids = {}) {
    return run_until_done(loop, gcs.check_alive(std::move(ids), ample(clock)));
  }
  std::vector<Node> nodes(NodeFilter filter = {}) {
    return run_until_done(loop, gcs.nodes(std::move(filter), ample(clock)));
  }
  Failure nodes_failure() { return net::testing::failure_of(loop, gcs.nodes({}, ample(clock))); }

  SteadyClock clock;
  boost::asio::io_context loop;
  RpcEngine engine{loop.get_executor(), clock};
  Gcs gcs;
};

GcsScript answers_alive(std::string version = "2.60.0") {
  return {
      .check_alive = [version](const rpc::CheckAliveRequest& request, rpc::CheckAliveReply& reply) {
        reply.set_ray_version(version);
        for (const auto& id : request.node_ids()) reply.add_raylet_alive(id == binary_a);
        return grpc::Status::OK;
      }};
}

std::string file_with(const std::string& name, const std::string& bytes) {
  auto path = ::testing::TempDir() + name;
  std::ofstream(path, std::ios::binary) << bytes;
  return path;
}

TEST(GcsHealth, IsWhatTheServerSays) {
  ScriptedGcs server({});
  Asker asker(server.port());
  auto probe = asker.health();
  EXPECT_EQ(probe.answer, Answer::serving) << probe.text;
  EXPECT_GT(probe.took, Duration::zero());
  server.set_serving(false);
  probe = asker.health();
  EXPECT_EQ(probe.answer, Answer::not_serving);
  EXPECT_HAS(probe.text, "127.0.0.1:");
  server.set_serving(true);
  EXPECT_TRUE(asker.health().good());
}

TEST(GcsHealth, OfNobodyIsUnreachableAtOnceAndGoodAsSoonAsSomebodyIsThere) {
  int port;
  {
    port = ScriptedGcs({}).port();
  }
  Asker asker(port);
  for (int i = 0; i < 3; ++i) {
    auto probe = asker.health();
    EXPECT_EQ(probe.answer, Answer::unreachable);
    EXPECT_HAS(probe.text, "onnection refused");
    EXPECT_LT(probe.took, std::chrono::seconds(5));
  }
  ScriptedGcs server({}, port);
  EXPECT_TRUE(asker.health().good());  // no back-off: gRPC's own would take a second
}

TEST(GcsHealth, DoesNotSufferFromARestartBetweenTwoQuestions) {
  auto server = std::make_unique<ScriptedGcs>(GcsScript{});
  Asker asker(server->port());
  for (int i = 0; i < 20; ++i) {
    int port = server->port();
    ASSERT_TRUE(asker.health().good()) << i;
    server.reset();
    server = std::make_unique<ScriptedGcs>(GcsScript{}, port);
  }
}

TEST(GcsHealth, IsSilentForAServerThatAcceptsAndSaysNothing) {
  using Manner = RawServer::Manner;
  for (auto manner : {Manner::never_accepts, Manner::holds}) {
    RawServer server(manner);
    Asker asker(server.port());
    for (int i = 0; i < 3; ++i) {
      auto probe = asker.health(near(asker.clock));
      EXPECT_EQ(probe.answer, Answer::silent) << probe.text;
      EXPECT_HAS(probe.text, "no answer in time");
    }
  }
}

TEST(GcsHealth, OfSomethingElseIsNeverGood) {
  const std::string settings("\0\0\0\4\0\0\0\0\0", 9);  // an empty SETTINGS frame of HTTP/2
  const std::string texts[] = {"",
                               net::testing::http_answer(200, "success"),
                               std::string(100, '\0'),
                               "-NOAUTH Authentication required.\r\n",
                               settings,
                               settings + std::string(100, '\xff')};
  for (auto manner : {RawServer::Manner::holds, RawServer::Manner::closes}) {
    for (const auto& text : texts) {
      RawServer server(manner, text);
      Asker asker(server.port());
      auto probe = asker.health(Deadline::after(asker.clock, std::chrono::milliseconds(300)));
      EXPECT_FALSE(probe.alive()) << net::percent_encode(text);
      EXPECT_FALSE(probe.text.empty());
    }
  }
}

TEST(CheckAlive, TellsVersionAndNodes) {
  ScriptedGcs server(answers_alive());
  Asker asker(server.port());
  auto alive = asker.alive();
  EXPECT_TRUE(alive.probe.good()) << alive.probe.text;
  EXPECT_EQ(alive.ray_version, "2.60.0");
  EXPECT_TRUE(alive.nodes_alive.empty());
  EXPECT_EQ(asker.alive({id_b, id_a}).nodes_alive, (std::vector{false, true}));
}

TEST(CheckAlive, NeverSendsNodeIdsToAServerWhichTakesThemForAddresses) {
  std::atomic<int> ids = 0;
  ScriptedGcs server({.check_alive =
                          [&](const rpc::CheckAliveRequest& request, rpc::CheckAliveReply& reply) {
                            ids += request.node_ids_size();
                            reply.set_ray_version("2.48.0");
                            return grpc::Status::OK;
                          },
                      .nodes =
                          [](const rpc::GetAllNodeInfoRequest&, rpc::GetAllNodeInfoReply& reply) {
                            reply.add_node_info_list()->set_node_id(binary_a);
                            auto* dead = reply.add_node_info_list();
                            dead->set_node_id(std::string(28, '\xbb'));
                            dead->set_state(rpc::GcsNodeInfo::DEAD);
                            return grpc::Status::OK;
                          }});
  Asker asker(server.port());
  for (int i = 0; i < 2; ++i) {
    auto alive = asker.alive({id_a, id_b, std::string(56, 'c')});
    EXPECT_TRUE(alive.probe.good()) << alive.probe.text;
    EXPECT_EQ(alive.ray_version, "2.48.0");
    EXPECT_EQ(alive.nodes_alive, (std::vector{true, false, false}));
  }
  EXPECT_EQ(ids, 0);
}

TEST(CheckAlive, NoticesWhenTheServerBecameAnother) {
  auto server = std::make_unique<ScriptedGcs>(answers_alive());
  int port = server->port();
  Asker asker(port);
  EXPECT_EQ(asker.alive({id_a}).nodes_alive, (std::vector{true}));
  server.reset();
  EXPECT_EQ(asker.alive({id_a}).probe.answer, Answer::unreachable);
  server = std::make_unique<ScriptedGcs>(
      GcsScript{.check_alive =
                    [](const rpc::CheckAliveRequest& request, rpc::CheckAliveReply& reply) {
                      EXPECT_EQ(request.node_ids_size(), 0);
                      reply.set_ray_version("2.41.0");
                      return grpc::Status::OK;
                    },
                .nodes = [](const rpc::GetAllNodeInfoRequest&,
                            rpc::GetAllNodeInfoReply&) { return grpc::Status::OK; }},
      port);
  EXPECT_EQ(asker.alive({id_a}).nodes_alive, (std::vector{false}));
}

TEST(CheckAlive, IsSilentWhenTheEventLoopHangsThoughHealthIsGood) {
  ScriptedGcs* hung = nullptr;
  ScriptedGcs server({.check_alive = [&](const auto&, auto&) { return hung->hang(); }});
  hung = &server;
  Asker asker(server.port());
  auto until = near(asker.clock);
  auto alive = run_until_done(asker.loop, asker.gcs.check_alive({}, until));
  EXPECT_EQ(alive.probe.answer, Answer::silent);
  EXPECT_FALSE(alive.probe.alive());
  EXPECT_TRUE(asker.health().good());
}

TEST(CheckAlive, TellsRefusalsApart) {
  struct Case {
    grpc::StatusCode code;
    int inner;
    Answer answer;
  };
  const Case cases[] = {
      {grpc::UNAUTHENTICATED, 0, Answer::denied},
      {grpc::PERMISSION_DENIED, 0, Answer::denied},
      {grpc::UNAVAILABLE, 0, Answer::unreachable},
      {grpc::UNIMPLEMENTED, 0, Answer::nonsense},
      {grpc::INTERNAL, 0, Answer::nonsense},
      {grpc::OK, 3, Answer::not_serving},
      {grpc::OK, 0, Answer::serving},
  };
  for (const auto& c : cases) {
    ScriptedGcs server({.check_alive = [&](const auto&, rpc::CheckAliveReply& reply) {
      reply.mutable_status()->set_code(c.inner);
      reply.mutable_status()->set_message("told so");
      return c.code == grpc::OK ? grpc::Status::OK : grpc::Status(c.code, "told so");
    }});
    auto alive = Asker(server.port()).alive();
    EXPECT_EQ(alive.probe.answer, c.answer) << c.code << alive.probe.text;
    if (!alive.probe.good()) EXPECT_HAS(alive.probe.text, "told so");
  }
}

TEST(CheckAlive, DoesNotBelieveAnAnswerAboutOtherNodes) {
  ScriptedGcs server({.check_alive = [](const auto&, rpc::CheckAliveReply& reply) {
    reply.set_ray_version("2.60.0");
    reply.add_raylet_alive(true);
    return grpc::Status::OK;
  }});
  EXPECT_EQ(Asker(server.port()).alive().probe.answer, Answer::nonsense);
}

TEST(CheckAlive, RefusesWhatIsNoNodeIdBeforeItIsSent) {
  ScriptedGcs server(answers_alive());
  Asker asker(server.port());
  auto failure =
      net::testing::failure_of(asker.loop, asker.gcs.check_alive({"abc"}, ample(asker.clock)));
  EXPECT_EQ(failure.kind(), Kind::invalid);
  EXPECT_TRUE(server.tokens().empty());
}

TEST(Token, IsReadForEachCallAndNotSentWhereNoneIsNeeded) {
  ScriptedGcs server(answers_alive());
  auto path = file_with("gcs_token", "first\n");
  Asker asker(server.port(), path);
  EXPECT_TRUE(asker.alive().probe.good());
  file_with("gcs_token", "second");
  EXPECT_TRUE(asker.alive().probe.good());
  EXPECT_EQ(server.tokens(), (std::vector<std::string>{"Bearer first", "Bearer second"}));
  std::remove(path.c_str());
  auto alive = asker.alive();
  EXPECT_EQ(alive.probe.answer, Answer::not_asked);
  EXPECT_FALSE(alive.probe.alive());
  EXPECT_HAS(alive.probe.text, path);
  EXPECT_EQ(server.tokens().size(), 2u);
  EXPECT_TRUE(asker.health().good());
  EXPECT_EQ(asker.nodes_failure().kind(), Kind::denied);
}

TEST(Nodes, AreListedAndFiltered) {
  rpc::GetAllNodeInfoRequest seen;
  ScriptedGcs server(
      {.nodes = [&](const rpc::GetAllNodeInfoRequest& request, rpc::GetAllNodeInfoReply& reply) {
        seen = request;
        for (const char* address : {"10.0.0.1", "10.0.0.2"}) {
          auto* node = reply.add_node_info_list();
          node->set_node_id(binary_a);
          node->set_node_manager_address(address);
        }
        return grpc::Status::OK;
      }});
  Asker asker(server.port());
  EXPECT_EQ(asker.nodes().size(), 2u);
  EXPECT_EQ(seen.ByteSizeLong(), 0u);
  auto nodes = asker.nodes({.address = "10.0.0.2"});
  ASSERT_EQ(nodes.size(), 1u);
  EXPECT_EQ(nodes[0].address, "10.0.0.2");
  EXPECT_EQ(seen.node_selectors(0).node_ip_address(), "10.0.0.2");
  EXPECT_EQ(seen.filters().node_ip_address(), "10.0.0.2");
}

TEST(Nodes, ThatAreTooManyAreRefused) {
  ScriptedGcs server({.nodes = [&](const auto&, rpc::GetAllNodeInfoReply& reply) {
    reply.add_node_info_list()->set_node_name(std::string(17 << 20, 'x'));
    return grpc::Status::OK;
  }});
  auto failure = Asker(server.port()).nodes_failure();
  EXPECT_EQ(failure.kind(), Kind::invalid);
  EXPECT_HAS(std::string(failure.what()), "list the nodes: GCS 127.0.0.1:");
}

TEST(Drain, SaysWhenTheNodeWillLeave) {
  rpc::autoscaler::DrainNodeRequest seen;
  ScriptedGcs server({.drain = [&](const rpc::autoscaler::DrainNodeRequest& request,
                                   rpc::autoscaler::DrainNodeReply& reply) {
    seen = request;
    reply.set_is_accepted(request.reason() == rpc::autoscaler::DRAIN_NODE_REASON_PREEMPTION);
    reply.set_rejection_reason_message("busy");
    return grpc::Status::OK;
  }});
  Asker asker(server.port());
  using std::chrono::milliseconds, std::chrono::system_clock, std::chrono::seconds;
  auto now = [] {
    return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
  };
  auto before = now();
  auto outcome = run_until_done(
      asker.loop,
      asker.gcs.drain(id_a, DrainReason::preemption, "SIGTERM", seconds(30), ample(asker.clock)));
  EXPECT_TRUE(outcome.accepted);
  EXPECT_EQ(seen.node_id(), binary_a);
  EXPECT_EQ(seen.reason_message(), "SIGTERM");
  EXPECT_GE(seen.deadline_timestamp_ms(), before + 30000);
  EXPECT_LE(seen.deadline_timestamp_ms(), now() + 30000);
  outcome = run_until_done(
      asker.loop, asker.gcs.drain(id_a, DrainReason::idle, "", seconds(1), ample(asker.clock)));
  EXPECT_FALSE(outcome.accepted);
  EXPECT_EQ(outcome.text, "busy");
}

TEST(Drain, IsRepeatedWhileTheGcsIsAway) {
  std::atomic<int> asked = 0;
  ScriptedGcs server({.drain = [&](const auto&, rpc::autoscaler::DrainNodeReply& reply) {
    if (++asked < 4) return grpc::Status(grpc::UNAVAILABLE, "starting");
    reply.set_is_accepted(true);
    return grpc::Status::OK;
  }});
  Asker asker(server.port());
  auto outcome = run_until_done(
      asker.loop, asker.gcs.drain(id_a, DrainReason::preemption, "", {}, ample(asker.clock)));
  EXPECT_TRUE(outcome.accepted);
  EXPECT_EQ(asked, 4);
}

TEST(Drain, GivesUpAtItsDeadlineAndAtOnceWhenDenied) {
  Asker nobody(1);
  auto until = Deadline::after(nobody.clock, std::chrono::milliseconds(400));
  auto failure = net::testing::failure_of(
      nobody.loop, nobody.gcs.drain(id_a, DrainReason::preemption, "", {}, until));
  EXPECT_EQ(failure.kind(), Kind::disconnected);
  EXPECT_HAS(std::string(failure.what()), "drain node " + id_a + ": GCS 127.0.0.1:1: ");

  ScriptedGcs server({.drain = [](const auto&, auto&) {
    return grpc::Status(grpc::UNAUTHENTICATED, "InvalidAuthToken");
  }});
  Asker asker(server.port());
  failure = net::testing::failure_of(
      asker.loop, asker.gcs.drain(id_a, DrainReason::preemption, "", {}, ample(asker.clock)));
  EXPECT_EQ(failure.kind(), Kind::denied);
  EXPECT_EQ(server.tokens().size(), 1u);
}

TEST(Proxy, OfTheEnvironmentIsNotUsedBetweenPods) {
  ScriptedGcs server({});
  for (const char* name : {"http_proxy", "grpc_proxy", "https_proxy"}) {
    setenv(name, "http://127.0.0.1:1", 1);
  }
  auto probe = Asker(server.port()).health();
  for (const char* name : {"http_proxy", "grpc_proxy", "https_proxy"}) unsetenv(name);
  EXPECT_TRUE(probe.good()) << probe.text;
}

}  // namespace
}  // namespace raykeep::ray
