#include "kube/lease.h"

#include <gtest/gtest.h>

#include "kube/scripted_cluster.h"

namespace raykeep::kube {
namespace {

using namespace net::testing;
using std::chrono::seconds;

/// Stands still until a test moves it.
struct ManualClock final : Clock {
  Instant at = Instant(std::chrono::hours(1));
  Instant now() const override { return at; }
};

std::string lease(const std::string& holder, const std::string& version) {
  return http_answer(
      200,
      fmt::format(
          R"({{"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{{"name":"raykeep","namespace":"ray","resourceVersion":"{}"}},)"
          R"("spec":{{"holderIdentity":"{}","leaseDurationSeconds":15,"acquireTime":"then",)"
          R"("leaseTransitions":3}}}})",
          version, holder));
}
const std::string absent =
    refusal(404, "NotFound", "not found", R"("name":"raykeep","kind":"leases")");
const std::string conflict = refusal(409, "Conflict", "modified", "");

struct Candidate {
  explicit Candidate(std::vector<std::string> answers)
      : cluster({dialogue(std::move(answers))}),
        lease(cluster.client, clock, {.ns = "ray", .name = "raykeep", .identity = "me"}) {}

  static Dialogue dialogue(std::vector<std::string> answers) {
    Dialogue made;
    for (std::string& answer : answers) made.push_back({.answer = std::move(answer)});
    return made;
  }
  void attempt() { cluster.run(lease.attempt(cluster.soon())); }
  std::size_t asked() const { return cluster.server.requests().size(); }
  std::string last() const { return cluster.server.requests().back(); }

  ManualClock clock;
  ScriptedCluster cluster;
  Lease lease;
};

TEST(Lease, IsMadeWhereThereIsNone) {
  Candidate one({absent, http_answer(201, "{}")});
  one.attempt();
  EXPECT_TRUE(one.lease.is_ours());
  EXPECT_TRUE(
      one.last().starts_with("POST /prefix/apis/coordination.k8s.io/v1/namespaces/ray/leases?"))
      << one.last();
  EXPECT_TRUE(one.last().contains(R"("holderIdentity":"me","leaseDurationSeconds":15,)"))
      << one.last();
}

TEST(Lease, IsNotOursWhenAnotherMadeItFirst) {
  Candidate one({absent, refusal(409, "AlreadyExists", "exists", "")});
  one.attempt();
  EXPECT_FALSE(one.lease.is_ours());
}

TEST(Lease, IsLeftToItsHolder) {
  Candidate one({lease("other", "7")});
  one.attempt();
  EXPECT_FALSE(one.lease.is_ours());
  EXPECT_EQ(one.lease.holder(), "other");
  EXPECT_EQ(one.asked(), 1u);
}

TEST(Lease, IsTakenFifteenSecondsAfterItWasLastSeenToChange) {
  Candidate one({lease("other", "7"), lease("other", "8"), lease("other", "8"), lease("other", "8"),
                 http_answer(200, "{}")});
  one.attempt();
  one.clock.at += seconds(14);
  one.attempt();  // it was renewed
  one.clock.at += seconds(14);
  one.attempt();
  EXPECT_FALSE(one.lease.is_ours()) << "its holder has 15 s from the renewal";
  EXPECT_EQ(one.asked(), 3u);
  one.clock.at += seconds(1);
  one.attempt();
  EXPECT_TRUE(one.lease.is_ours());
  EXPECT_TRUE(one.last().starts_with("PUT ")) << one.last();
  EXPECT_TRUE(one.last().contains(R"("leaseTransitions":4)")) << one.last();
  EXPECT_TRUE(one.last().contains(R"("resourceVersion":"8")")) << one.last();
}

TEST(Lease, IsTakenAtOnceWhenItWasGivenBack) {
  Candidate one({lease("", "7"), http_answer(200, "{}")});
  one.attempt();
  EXPECT_TRUE(one.lease.is_ours());
}

TEST(Lease, IsNotOursWhenAnotherTookItInTheSameMoment) {
  Candidate one({lease("", "7"), conflict});
  one.attempt();
  EXPECT_FALSE(one.lease.is_ours());
}

TEST(Lease, EndsTenSecondsAfterTheRenewalWasAskedFor) {
  Candidate one(
      {lease("me", "7"), http_answer(200, "{}"), lease("me", "8"), http_answer(200, "{}")});
  one.attempt();
  EXPECT_TRUE(one.last().contains(R"("acquireTime":"then")")) << one.last();
  EXPECT_TRUE(one.last().contains(R"("leaseTransitions":3)")) << one.last();
  one.clock.at += seconds(9);
  EXPECT_TRUE(one.lease.is_ours());
  one.attempt();
  one.clock.at += seconds(9);
  EXPECT_TRUE(one.lease.is_ours());
  one.clock.at += seconds(1);
  EXPECT_FALSE(one.lease.is_ours()) << "the others wait five seconds more";
}

TEST(Lease, OutlivesAnApiServerThatIsAwayForAMoment) {
  Candidate one({lease("me", "7"), http_answer(200, "{}"), http_answer(500, "x")});
  one.attempt();
  one.clock.at += seconds(5);
  EXPECT_THROW(one.attempt(), Failure);
  EXPECT_TRUE(one.lease.is_ours());
  one.clock.at += seconds(5);
  EXPECT_FALSE(one.lease.is_ours());
}

TEST(Lease, IsLostAtOnceWhenAnotherHasIt) {
  Candidate one({lease("me", "7"), http_answer(200, "{}"), lease("other", "9")});
  one.attempt();
  one.attempt();
  EXPECT_FALSE(one.lease.is_ours());
}

TEST(Lease, IsGivenBack) {
  Candidate one(
      {lease("me", "7"), http_answer(200, "{}"), lease("me", "8"), http_answer(200, "{}")});
  one.attempt();
  one.cluster.run(one.lease.release(one.cluster.soon()));
  EXPECT_FALSE(one.lease.is_ours());
  EXPECT_TRUE(one.last().contains(R"("holderIdentity":"")")) << one.last();
}

TEST(Lease, ThatIsAnothersIsNotGivenBack) {
  Candidate one({lease("me", "7"), http_answer(200, "{}"), lease("other", "8")});
  one.attempt();
  one.cluster.run(one.lease.release(one.cluster.soon()));
  EXPECT_TRUE(one.last().starts_with("GET ")) << one.last();
}

}  // namespace
}  // namespace raykeep::kube
