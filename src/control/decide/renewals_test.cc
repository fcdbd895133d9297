#include "control/decide/renewals.h"

#include <gtest/gtest.h>

namespace raykeep::decide {
namespace {

Observed cluster(Certificate head, std::vector<Certificate> workers) {
  Observed made;
  made.head = Pod{.name = "demo-head-0", .uid = "h1", .certificate = head};
  for (Certificate each : workers) {
    const std::string name(1, static_cast<char>('a' + made.workers.size()));
    made.workers.push_back({.name = name, .uid = "u" + name, .certificate = each});
  }
  made.answer = Answer::answers;
  made.fence.storage = Storage::redis;
  made.settled = true;
  return made;
}

Decision decided(const Observed& seen, const Desired& want = {}) {
  Decision decision;
  decide_renewals(seen, want, decision);
  return decision;
}

/// "renew Pod a", or nothing; and the condition's reason.
std::string outline(const Observed& seen) {
  const Decision decision = decided(seen);
  std::string text;
  for (const Action& action : decision.actions)
    text += std::string(to_string(action.verb)) + ' ' + action.target;
  const Condition* condition = decision.find("Certificates");
  return text + (condition ? " " + condition->reason : "");
}

using enum Certificate;

TEST(Renewals, AreNobodysWhereNobodyHasACertificate) {
  EXPECT_EQ(decided(cluster(none, {none, none})), Decision());
}

TEST(Renewals, WaitUntilTheyAreDueAndLookAgain) {
  const Decision decision = decided(cluster(fresh, {fresh}));
  EXPECT_TRUE(decision.actions.empty());
  EXPECT_EQ(decision.look_again, seconds(30));
  EXPECT_EQ(outline(cluster(fresh, {fresh})), " Fresh");
}

TEST(Renewals, AreOneAtATimeTheOldestWorkerFirstAndTheHeadLast) {
  EXPECT_EQ(outline(cluster(due, {fresh, due, due})), "renew Pod b Renewing");
  EXPECT_EQ(outline(cluster(urgent, {due, fresh, urgent})), "renew Pod c Renewing");
  EXPECT_EQ(outline(cluster(due, {fresh, fresh})), "renew Pod demo-head-0 Renewing");
  EXPECT_EQ(outline(cluster(over, {fresh, over})), "renew Pod b Over");
}

TEST(Renewals, WaitWhileTheClusterIsNotCalmUntilTimeGetsShort) {
  Observed seen = cluster(due, {due});
  seen.settled = false;
  EXPECT_EQ(outline(seen), " Renewing");
  seen.workers[0].certificate = urgent;
  EXPECT_EQ(outline(seen), "renew Pod a Renewing");
}

TEST(Renewals, WaitForTheOneThatGoesUnlessItsNodeIsLost) {
  Observed seen = cluster(fresh, {over, fresh});
  seen.workers[1].going = true;
  EXPECT_EQ(outline(seen), " Over");
  seen.workers[1].says = PodSays::node_lost;
  EXPECT_EQ(outline(seen), "renew Pod a Over");
}

TEST(Renewals, WaitForAHeadThatAnswers) {
  Observed seen = cluster(fresh, {over});
  seen.answer = Answer::silent;
  EXPECT_EQ(outline(seen), " Over");
}

TEST(Renewals, NeverTakeAHeadThatKeepsItsStateInMemory) {
  Observed seen = cluster(over, {fresh});
  seen.fence.storage = Storage::memory;
  const Decision decision = decided(seen);
  EXPECT_TRUE(decision.actions.empty());
  ASSERT_EQ(decision.events.size(), 1u);
  EXPECT_EQ(decision.events[0].reason, "HeadCertificateEnds");
}

TEST(Renewals, LetOtherActionsGoFirst) {
  Decision decision;
  decision.actions.push_back({Action::Verb::apply, "Deployment demo-worker-a", "", "it differs"});
  decide_renewals(cluster(due, {due}), {}, decision);
  EXPECT_EQ(decision.actions.size(), 1u);
}

TEST(Renewals, AreNoneWhereNoPodsAreWanted) {
  Desired want;
  want.suspended = true;
  EXPECT_EQ(decided(cluster(over, {over}), want), Decision());
}

}  // namespace
}  // namespace raykeep::decide
