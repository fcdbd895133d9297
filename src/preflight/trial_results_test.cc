#include "preflight/trial_results.h"

#include <gtest/gtest.h>

#include "preflight/goals.h"
#include "preflight/testing.h"

namespace raykeep::preflight {
namespace {

using namespace testing;

control::Diagnosis trouble(std::string reason, std::string why) {
  control::Diagnosis made;
  made.reason = std::move(reason);
  made.what = "it is so";
  made.why = std::move(why);
  return made;
}

std::string pulled(std::string why) {
  ImageTrial trial{.image = "r.bank.example/ray:1", .users = "StatefulSet x"};
  trial.trouble = trouble("ImagePull", std::move(why));
  Obstacles found = judge_image(trial, "bank");
  return found.empty() ? "" : std::string(found[0].code);
}

TEST(Image, IsJudgedByTheWordsOfTheRuntime) {
  EXPECT_EQ(pulled("failed to pull and unpack image: r.bank.example/ray:1: not found"),
            code::image_absent);
  EXPECT_EQ(pulled("manifest unknown"), code::image_absent);
  EXPECT_EQ(pulled("pulling from host r failed with status code [manifests 1]: 401 Unauthorized"),
            code::image_denied);
  EXPECT_EQ(pulled("failed to authorize: failed to fetch anonymous token"), code::image_denied);
  EXPECT_EQ(pulled("dial tcp 10.0.0.1:443: connect: connection refused"), code::image_unreachable);
  EXPECT_EQ(pulled("x509: certificate signed by unknown authority"), code::image_unreachable);
  EXPECT_EQ(pulled("dial tcp: lookup r.bank.example: no such host"), code::image_unreachable);
}

TEST(Image, ThatNeitherCameNorWasRefusedIsSlow) {
  ImageTrial trial{.image = "r/ray:1", .users = "x"};
  EXPECT_EQ(told(judge_image(trial, "bank")), "RK6026 image r/ray:1\n");
  trial.there = true;
  EXPECT_EQ(told(judge_image(trial, "bank")), "");
  trial.trouble = trouble("RunAsNonRoot", "image has non-numeric user (ray)");
  EXPECT_EQ(told(judge_image(trial, "bank")), "RK6019 image r/ray:1\n");
}

TEST(Image, IsThereOnceItsContainerCouldBegin) {
  EXPECT_FALSE(has_image(
      object("status: {containerStatuses: [{state: {waiting: {reason: ErrImagePull}}}]}")));
  EXPECT_FALSE(has_image(object("status: {}")));
  EXPECT_TRUE(has_image(object("status: {containerStatuses: [{imageID: x, state: {}}]}")));
  EXPECT_TRUE(has_image(
      object("status: {containerStatuses: [{state: {terminated: {reason: StartError}}}]}")));
}

TEST(Size, IsJudgedByTheScheduler) {
  SizeTrial trial{.workload = "Deployment w", .wanted = 3, .tried = 3, .placed = 3};
  EXPECT_EQ(told(judge_size(trial)), "");
  trial.placed = 1;
  trial.trouble = trouble("Unschedulable", "0/2 nodes are available: 2 Insufficient cpu.");
  Obstacles full = judge_size(trial);
  ASSERT_EQ(full.size(), 1u);
  EXPECT_EQ(full[0].code, code::no_node);
  EXPECT_EQ(full[0].who, Who::cluster_admin);
  EXPECT_EQ(full[0].weight, Weight::blocks);
  trial.beside_own = true;
  EXPECT_EQ(judge_size(trial).at(0).weight, Weight::may_block);
  trial.trouble = trouble("Unschedulable", "2 node(s) didn't match Pod's node affinity/selector.");
  EXPECT_EQ(judge_size(trial).at(0).who, Who::you);
  trial.trouble = trouble("Refused", "exceeded quota");
  EXPECT_EQ(judge_size(trial).at(0).weight, Weight::unchecked);
}

verify::ProbeAnswer probed(const verify::Target& target, net::Fate fate) {
  verify::ProbeAnswer answer{.name_server = "10.96.0.10", .reached = {}};
  answer.reached[verify::to_string(target)] = net::Reached{.fate = fate};
  return answer;
}

TEST(Reach, TellsAPolicyOfOursFromTheNetwork) {
  const verify::Target dns{spec::Protocol::udp, "", 53};
  ReachTrial trial{.role = "head", .goals = {{dns, "DNS", "names"}}};
  EXPECT_EQ(judge_reach(trial, "bank").at(0).weight, Weight::unchecked);
  trial.guarded = probed(dns, net::Fate::open);
  EXPECT_TRUE(judge_reach(trial, "bank").empty());
  trial.guarded = probed(dns, net::Fate::dropped);
  EXPECT_TRUE(judge_reach(trial, "bank").at(0).what.contains("was not found out"));
  trial.open = probed(dns, net::Fate::dropped);
  EXPECT_EQ(judge_reach(trial, "bank").at(0).who, Who::network_team);
  trial.open = probed(dns, net::Fate::open);
  EXPECT_EQ(judge_reach(trial, "bank").at(0).who, Who::you);

  const verify::Target redis{spec::Protocol::tcp, "10.0.0.1", 6379};
  ReachTrial to_redis{.role = "head", .goals = {{redis, "Redis 10.0.0.1:6379", "state"}}};
  to_redis.guarded = probed(redis, net::Fate::refused);
  EXPECT_EQ(told(judge_reach(to_redis, "bank")), "RK6029 Redis 10.0.0.1:6379\n");
}

TEST(Goals, AreSingleAddresses) {
  std::string site = std::string(spec::kSmallSite) + R"(  egress:
  - {name: models, reason: weights, to: [{cidr: 10.1.2.3/32}], ports: [443]}
  - {name: lake, reason: data, to: [{cidr: 10.2.0.0/16}], ports: [9000]}
  redis: {addresses: [10.9.9.9:6380], tls: {enabled: false}, peers: [{cidr: 10.9.9.9/32}]}
)";
  plan::Plan plan = plan_of(spec::kSmallCluster, site);
  std::string text;
  for (const Goal& goal : goals_of(plan.flows, plan.storage, flow::Role::head))
    text += goal.what + "\n";
  EXPECT_EQ(text, "DNS\nRedis 10.9.9.9:6380\negress models 10.1.2.3:443\n");
  EXPECT_EQ(goals_of(plan.flows, plan.storage, flow::Role::worker).size(), 2u);
  EXPECT_EQ(entries_without_address(plan.flows), std::vector<std::string>{"lake"});
}

TEST(Claim, IsJudgedByTheEventsOfOneThatCannotBeBound) {
  EXPECT_EQ(told(judge_claim({.claim = "PersistentVolumeClaim a",
                              .storage_class = "fast",
                              .message = "storageclass.storage.k8s.io \"fast\" not found"},
                             "bank")),
            "RK6018 StorageClass fast\n");
  EXPECT_EQ(told(judge_claim({.claim = "a",
                              .storage_class = "",
                              .message = "no persistent volumes available for this claim and no "
                                         "storage class is set"},
                             "bank")),
            "RK6018 the default StorageClass\n");
  EXPECT_EQ(told(judge_claim({.claim = "a",
                              .storage_class = "fast",
                              .message = "waiting for first consumer to be created before binding"},
                             "bank")),
            "");
  EXPECT_EQ(judge_claim({.claim = "a", .storage_class = "fast"}, "bank").at(0).weight,
            Weight::unchecked);
}

}  // namespace
}  // namespace raykeep::preflight
