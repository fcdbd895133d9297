// The whole controller against scripted bytes: one that leads, and ends when it is told to. What it
// does to clusters is in keeper_test.cc and, with everything real, in tests/e2e/test_70_controller.
#include "control/controller.h"

#include <gtest/gtest.h>

#include "control/inventory.h"
#include "kube/scripted_cluster.h"
#include "net/event.h"
#include "net/http_client.h"
#include "net/task_group.h"

namespace raykeep::control {
namespace {

using namespace net::testing;

const std::string nothing = http_answer(200, R"({"metadata":{"resourceVersion":"9"},"items":[]})");

/// The watches come first, each on a connection of its own, then the Lease.
std::deque<Dialogue> script(Dialogue lease) {
  std::deque<Dialogue> made(listed_kinds().size() + 3,
                            Dialogue{{.answer = nothing}, {.stall = true}});
  made.push_back(std::move(lease));
  return made;
}

struct Replica {
  explicit Replica(Dialogue of_lease)
      : cluster(script(std::move(of_lease))),
        access{cluster.client, cluster.clock},
        controller(cluster.loop.get_executor(), access,
                   {.keeper = {.ns = "ray", .identity = "me", .secrets_folder = "/nowhere"},
                    .version = "test",
                    .port = 0},
                   [this](bool, std::string_view event, const doc::Object&) {
                     said += std::string(event) + '\n';
                   }),
        tasks(cluster.loop.get_executor()) {
    tasks.spawn(controller.run());
  }

  std::string ask(std::string path) {
    net::HttpClientOptions options;
    options.server = *net::parse_url("http://127.0.0.1:" + std::to_string(controller.port()));
    net::HttpClient client(cluster.loop.get_executor(), std::move(options), cluster.clock);
    return cluster.run(client.send({.target = std::move(path)}, 64 * 1024, cluster.soon())).body;
  }

  void end() {
    tasks.cancel();
    cluster.run(tasks.finish());
  }

  kube::ScriptedCluster cluster;
  Access access;
  std::string said;
  Controller controller;
  net::TaskGroup tasks;
};

TEST(Controller, LeadsAndGivesItsLeaseBackWhenItIsToldToEnd) {
  const std::string mine = http_answer(
      200,
      R"({"metadata":{"name":"raykeep-controller","namespace":"ray","resourceVersion":"7"},)"
      R"("apiVersion":"coordination.k8s.io/v1","kind":"Lease","spec":{"holderIdentity":"me"}})");
  Replica one({{.answer = kube::refusal(404, "NotFound", "no",
                                        R"("name":"raykeep-controller","kind":"leases")")},
               {.answer = http_answer(201, "{}")},
               {.answer = mine},
               {.answer = http_answer(200, "{}")}});
  for (std::string told; told != "leads\n"; told = one.ask("/readyz"))
    one.cluster.run(net::pause(std::chrono::milliseconds(10)));
  EXPECT_EQ(one.ask("/livez"), "ok\n");
  EXPECT_TRUE(one.ask("/metrics?x").contains("raykeep_controller_leads 1\n"));
  one.end();
  EXPECT_EQ(one.said, "begin\nleads\nend\n");
  const std::string& last = one.cluster.server.requests().back();
  EXPECT_TRUE(last.starts_with("PUT ") && last.contains(R"("holderIdentity":"")")) << last;
}

}  // namespace
}  // namespace raykeep::control
