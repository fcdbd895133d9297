// A turn on a cluster, against scripted bytes: what is sent, and what is not.
#include "control/keeper.h"

#include <gtest/gtest.h>

#include "control/inventory.h"
#include "control/status_report.h"
#include "control/testing.h"
#include "kube/scripted_cluster.h"
#include "net/task_group.h"

namespace raykeep::control {
namespace {

using namespace net::testing;

constexpr const char* document = R"(
apiVersion: ray.io/v1
kind: RayCluster
metadata: {name: demo}
spec:
  rayVersion: 2.41.0
  headGroupSpec:
    rayStartParams: {}
    template: {spec: {containers: [{name: ray-head, image: lab/ray:1}]}}
)";

doc::Value owner(const std::string& text = document) {
  doc::Value made = testing::objects(R"(
apiVersion: v1
kind: ConfigMap
metadata: {name: raykeep-raycluster-demo, namespace: ray, uid: o-1, resourceVersion: '5',
  labels: {app.kubernetes.io/managed-by: raykeep, raykeep.io/cluster: demo}}
)")[0];
  made.as_object()["data"] = doc::Object{{"document.yaml", text}};
  return made;
}

std::string list_of(std::vector<doc::Value> items) {
  doc::Array array(items.begin(), items.end());
  return http_answer(
      200, doc::write_json(doc::Value(doc::Object{
               {"metadata", doc::Object{{"resourceVersion", "9"}}}, {"items", std::move(array)}})));
}

/// A leader who has listed a namespace in which `objects` are the ConfigMaps.
struct World {
  /// `answers`: to what the turn asks, in turn.
  World(std::vector<doc::Value> config_maps, std::vector<std::string> answers, bool leads = true)
      : cluster(script(std::move(config_maps), std::move(answers), leads)),
        access{cluster.client, cluster.clock},
        lease(cluster.client, cluster.clock, {.ns = "ray", .name = "l", .identity = "me"}),
        view(access, "ray"),
        log([this](bool, std::string_view event, doc::Object fields) {
          said += std::string(event) + " " + doc::write_json(doc::Value(std::move(fields))) + "\n";
        }),
        keeper(cluster.loop.get_executor(), access, view, lease,
               {.ns = "ray", .identity = "me", .secrets_folder = "/nowhere"}, log),
        watches(cluster.loop.get_executor()) {
    if (leads) cluster.run(lease.attempt(cluster.soon()));
    for (std::size_t i = 0; i < view.kinds(); ++i) {
      watches.spawn(view.watch(i, {[](const std::string&) {}, [](const Failure&) {}}));
      const std::size_t wanted = cluster.server.requests().size() + 2;  // the list, and the watch
      while (cluster.server.requests().size() < wanted) cluster.loop.run_one();
    }
    begun = cluster.server.requests().size();
  }
  ~World() {
    watches.cancel();
    cluster.run(watches.finish());
  }

  static std::deque<Dialogue> script(std::vector<doc::Value> config_maps,
                                     std::vector<std::string> answers, bool leads) {
    std::deque<Dialogue> made;
    Dialogue first;
    if (leads) {
      first.push_back(
          {.answer = kube::refusal(404, "NotFound", "", R"("name":"l","kind":"leases")")});
      first.push_back({.answer = http_answer(201, "{}")});
    }
    // One watch after the other keeps a connection; the first takes over that of the Lease.
    const std::size_t kinds = listed_kinds().size() + 3;
    for (std::size_t i = 0; i < kinds; ++i) {
      Dialogue dialogue = i == 0 ? std::move(first) : Dialogue();
      dialogue.push_back({.answer = list_of(i == 0 ? config_maps : std::vector<doc::Value>())});
      dialogue.push_back({.stall = true});
      made.push_back(std::move(dialogue));
    }
    Dialogue turn;
    for (std::string& answer : answers) turn.push_back({.answer = std::move(answer)});
    made.push_back(std::move(turn));
    return made;
  }

  Keeper::Turn turn() { return cluster.run(keeper.look("demo")); }
  std::vector<std::string> sent() const {
    const auto& all = cluster.server.requests();
    return {all.begin() + static_cast<std::ptrdiff_t>(begun), all.end()};
  }

  kube::ScriptedCluster cluster;
  Access access;
  kube::Lease lease;
  NamespaceView view;
  std::string said;
  const ControllerLog log;
  Keeper keeper;
  net::TaskGroup watches;
  std::size_t begun = 0;
};

/// Whatever is asked for is there, and ours.
std::string echo() {
  return http_answer(
      200,
      R"({"metadata":{"labels":{"app.kubernetes.io/managed-by":"raykeep","raykeep.io/cluster":"demo"}}})");
}

TEST(Keeper, AppliesWhatIsMissingInThePlansOrderAndSaysSo) {
  World world({owner()}, std::vector<std::string>(30, echo()));
  Keeper::Turn turn = world.turn();
  EXPECT_TRUE(turn.good) << world.said;
  EXPECT_TRUE(turn.look_again.has_value());
  const auto sent = world.sent();
  ASSERT_GT(sent.size(), 4u) << world.said;
  EXPECT_TRUE(sent[0].starts_with("GET ")) << "whose is it? " << sent[0];
  EXPECT_TRUE(sent[1].starts_with("PATCH ")) << sent[1];
  EXPECT_TRUE(sent[1].contains("/networkpolicies/demo-head"))
      << "policies before pods: " << sent[1];
  EXPECT_TRUE(sent[1].contains(R"("uid":"o-1")")) << "owned: " << sent[1];
  auto status = std::ranges::find_if(sent, [](const std::string& each) {
    return each.starts_with("PATCH ") && each.contains("status.json");
  });
  ASSERT_NE(status, sent.end());
  EXPECT_TRUE(status->contains(stored_fingerprint(owner()))) << *status;
  EXPECT_TRUE(
      world.said.contains("apply {\"cluster\":\"demo\",\"target\":\"StatefulSet demo-head\""))
      << world.said;
}

TEST(Keeper, TakesNothingThatIsAnothers) {
  World world({owner()},
              {http_answer(200, R"({"metadata":{"name":"demo-head"}})"), echo(), echo()});
  EXPECT_FALSE(world.turn().good);
  for (const std::string& each : world.sent()) {
    bool of_status = each.contains("status.json") || each.starts_with("POST ");
    EXPECT_TRUE(each.starts_with("GET ") || of_status) << each;
  }
  EXPECT_TRUE(world.keeper.keeping_of("demo")->apply_problem.contains("belongs to somebody else"));
}

TEST(Keeper, AFailedStepEndsTheTurnAndShowsInTheStatus) {
  World world({owner()},
              {kube::refusal(403, "Forbidden", "no networkpolicies for you", ""), echo(), echo()});
  EXPECT_FALSE(world.turn().good);
  const auto sent = world.sent();
  ASSERT_GE(sent.size(), 2u);
  EXPECT_TRUE(sent[1].contains("status.json")) << "nothing more is applied: " << sent[1];
  world.cluster.run(pause(std::chrono::milliseconds(1)));
  EXPECT_TRUE(
      world.keeper.keeping_of("demo")->apply_problem.contains("no networkpolicies for you"));
}

TEST(Keeper, TouchesNothingForADocumentThatCannotBeUsed) {
  World world({owner("a: [")}, {echo(), echo(), echo()});
  EXPECT_TRUE(world.turn().good);
  for (const std::string& each : world.sent())
    EXPECT_TRUE(each.contains("status.json") || each.starts_with("POST ")) << each;
  EXPECT_TRUE(world.said.contains("\"Accepted\":\"False Unreadable")) << world.said;
}

TEST(Keeper, WritesTheSameStatusOnce) {
  doc::Value known = owner("a: [");
  {
    World first({known}, {echo(), echo()});
    first.turn();
    known.as_object()["data"].as_object()["status.json"] =
        status_text(first.keeper.keeping_of("demo")->conditions, stored_fingerprint(known), "",
                    *parse_time("2026-01-01T00:00:00Z"));
  }
  World second({known}, {echo(), echo()});
  second.turn();
  for (const std::string& each : second.sent()) EXPECT_FALSE(each.contains("status.json")) << each;
}

TEST(Keeper, DoesNothingWhenItDoesNotLead) {
  World world({owner()}, {}, false);
  EXPECT_FALSE(world.keeper.acts());
  world.turn();
  EXPECT_TRUE(world.sent().empty()) << world.sent()[0];
}

TEST(Keeper, LeavesAClusterAloneThatDownHasBegunWith) {
  doc::Value going = owner();
  going.as_object()["metadata"].as_object()["annotations"] =
      doc::Object{{"raykeep.io/removing", "true"}};
  World world({going}, {echo(), echo()});
  world.turn();
  for (const std::string& each : world.sent()) EXPECT_TRUE(each.contains("status.json")) << each;
}

}  // namespace
}  // namespace raykeep::control
