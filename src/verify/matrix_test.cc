#include "verify/matrix.h"

#include <gtest/gtest.h>

#include <fmt/format.h>

#include "verify/planned.h"
#include "verify/verdict.h"

namespace raykeep::verify {
namespace {

using flow::End;
using flow::Role;

/// Two pods of each group, the head, Redis and two strangers, all with the program but Redis.
std::vector<Place> places() {
  std::vector<doc::Value> pods = {testing::pod("demo-head-0", "head", "", "10.1.0.1"),
                                  testing::pod("a", "worker", "cpu", "10.1.0.2"),
                                  testing::pod("b", "worker", "cpu", "10.1.0.3"),
                                  testing::pod("c", "worker", "gpu", "10.1.0.4"),
                                  testing::pod("d", "worker", "gpu", "10.1.0.5"),
                                  testing::pod("demo-redis-0", "redis", "", "10.1.0.6"),
                                  testing::pod("other", "", "", "10.1.0.7")};
  std::vector<Place> made = places_of(pods, "demo");
  for (const char* ip : {"10.1.0.8", "10.1.0.9"})
    made.push_back({.kind = Place::Kind::stranger,
                    .pod = "s",
                    .container = "c",
                    .program = "/raykeep",
                    .ip = ip});
  return made;
}

Matrix matrix_of(const testing::Planned& planned, const std::vector<Place>& there) {
  return matrix({planned.plan.flows, planned.plan.storage, there, {}});
}

TEST(Matrix, TriesEveryFlowBetweenPodsAndSaysWhyItDoesNotTryAnother) {
  testing::Planned planned = testing::planned();
  std::vector<Place> there = places();
  Matrix made = matrix_of(planned, there);
  std::set<std::string> tried;
  for (const Attempt& attempt : made.attempts)
    if (attempt.wanted && !attempt.control) tried.insert(attempt.flow);
  std::set<std::string> untried;
  for (const Untried& each : made.untried) untried.insert(each.flow);
  for (const flow::Flow& flow : planned.plan.flows) {
    EXPECT_NE(tried.contains(flow.id()), untried.contains(flow.id())) << flow.id();
    if (flow.peers.empty()) EXPECT_TRUE(tried.contains(flow.id())) << flow.id();
  }
  EXPECT_TRUE(tried.contains("head->outside(models) egress"));
  EXPECT_TRUE(tried.contains("head->dns dns"));
  EXPECT_TRUE(untried.contains("monitoring->head metrics"));
}

TEST(Matrix, WantsNothingOfStrangersAndEverythingElseClosed) {
  testing::Planned planned = testing::planned();
  std::vector<Place> there = places();
  int from_strangers = 0, of_redis = 0;
  for (const Attempt& attempt : matrix_of(planned, there).attempts) {
    const Place& from = there[attempt.from];
    if (from.kind == Place::Kind::stranger && !attempt.control) {
      ++from_strangers;
      EXPECT_FALSE(attempt.wanted);
    }
    if (attempt.to_name == "redis" && attempt.target.port == 6379 &&
        attempt.target.protocol == spec::Protocol::tcp) {
      ++of_redis;
      EXPECT_EQ(attempt.wanted, from.name() == "head") << from.name();
    }
  }
  EXPECT_GT(from_strangers, 100);
  EXPECT_EQ(of_redis, 7);
}

TEST(Matrix, TheControllerCallsPodsThatRaykeepKeepsAndNoStandIns) {
  testing::Planned planned = testing::planned();
  planned.plan.flows.push_back({.from = {Role::controller, ""},
                                .to = {Role::worker, "cpu"},
                                .port_name = "raykeep",
                                .ports = {52369, 52369},
                                .encryption = "none",
                                .reason = "asks",
                                .peers = {}});
  std::vector<Place> there = places();
  const std::size_t stand_in = there.size();
  there.push_back(
      {.end = {Role::worker, "cpu"}, .program = "/raykeep", .ip = "10.1.0.10", .stand_in = true});
  const std::size_t real = there.size();
  there.push_back({.end = {Role::controller, ""}, .program = "/raykeep", .ip = "10.1.0.11"});
  int to_worker = 0;
  for (const Attempt& attempt : matrix_of(planned, there).attempts) {
    if (attempt.from != real) continue;
    EXPECT_NE(attempt.to, stand_in);
    to_worker += attempt.wanted && there[attempt.to].end == End{Role::worker, "cpu"};
  }
  EXPECT_EQ(to_worker, 2);
}

TEST(Matrix, GrowsWithTheRolesAndNotWithThePods) {
  testing::Planned planned = testing::planned();
  auto attempts = [&](int pods_of_each) {
    std::vector<doc::Value> pods = {testing::pod("demo-head-0", "head", "", "10.1.0.1")};
    for (const char* group : {"cpu", "gpu"}) {
      for (int i = 0; i < pods_of_each; ++i)
        pods.push_back(testing::pod(fmt::format("{}-{}", group, i), "worker", group,
                                    fmt::format("10.2.{}.{}", *group, i),
                                    i % 2 == 0 ? "n1" : "n2"));
    }
    std::vector<Place> there = places_of(pods, "demo");
    return matrix_of(planned, there).attempts.size();
  };
  const std::size_t few = attempts(2), many = attempts(100);
  fmt::print("attempts with 5 pods: {}, with 201 pods: {}\n", few, many);
  EXPECT_EQ(few, many);
}

TEST(Places, TakesTwoPodsOfAGroupOnDifferentNodesAndLeavesTheGoing) {
  std::vector<doc::Value> pods = {testing::pod("a", "worker", "cpu", "10.1.0.1", "n1"),
                                  testing::pod("b", "worker", "cpu", "10.1.0.2", "n1"),
                                  testing::pod("c", "worker", "cpu", "10.1.0.3", "n2"),
                                  testing::pod("d", "worker", "gpu", "10.1.0.4", "n1")};
  pods[3].as_object()["metadata"].as_object()["deletionTimestamp"] = "2026-01-01T00:00:00Z";
  std::vector<Place> made = places_of(pods, "demo");
  ASSERT_EQ(made.size(), 2u);
  EXPECT_EQ(made[0].pod, "a");
  EXPECT_EQ(made[1].pod, "c");
}

TEST(Places, InvitesWhoIsMissing) {
  testing::Planned planned = testing::planned();
  std::vector<Place> there = places_of({testing::pod("demo-head-0", "head", "", "10.1.0.1"),
                                        testing::pod("a", "worker", "cpu", "10.1.0.2"),
                                        testing::pod("b", "worker", "cpu", "10.1.0.3")},
                                       "demo");
  std::vector<std::string> names;
  for (const Guest& guest : guests_for(planned.plan, planned.site, there, "abc"))
    names.push_back(guest.name);
  // Callers of this namespace, a controller, and a stand-in for the group without two pods.
  EXPECT_EQ(names, (std::vector<std::string>{"stranger", "ingress", "controller", "worker-1"}));
}

TEST(Guests, WithAMeshAWorkerStandsInForThoseOutsideOfIt) {
  testing::Planned planned = testing::planned();
  planned.site.mesh = spec::Mesh::istio_sidecar;
  std::vector<Place> there;
  for (const char* group : {"cpu", "gpu"}) {
    for (int i = 0; i < 2; ++i)
      there.push_back({.end = {flow::Role::worker, group}, .pod = "w", .program = "/raykeep"});
  }
  const std::vector<Guest> guests = guests_for(planned.plan, planned.site, there, "abc");
  EXPECT_EQ(std::ranges::count(guests, "worker-1", &Guest::name), 1);
  EXPECT_EQ(std::ranges::count(guests, "worker-2", &Guest::name), 0);
}

}  // namespace
}  // namespace raykeep::verify
