#include "control/presence.h"

#include <gtest/gtest.h>

#include "kube/scripted_cluster.h"

namespace raykeep::control {
namespace {

using namespace net::testing;

std::string lease(const std::string& holder, const std::string& version) {
  return http_answer(
      200, fmt::format(R"({{"kind":"Lease","metadata":{{"resourceVersion":"{}"}},)"
                       R"("spec":{{"holderIdentity":"{}","renewTime":"2020-01-01T00:00:00Z"}}}})",
                       version, holder));
}

std::optional<std::string> seen(std::vector<std::string> answers, Duration patience) {
  Dialogue dialogue;
  for (std::string& answer : answers) dialogue.push_back({.answer = std::move(answer)});
  kube::ScriptedCluster cluster({std::move(dialogue)});
  Access access{cluster.client, cluster.clock};
  return cluster.run(controller_in(access, "ray", patience));
}

constexpr Duration long_enough = std::chrono::seconds(30);

TEST(Presence, IsSeenByTheLeaseBeingRenewedWhateverItsTimesSay) {
  EXPECT_EQ(seen({lease("c-1", "7"), lease("c-1", "7"), lease("c-1", "8")}, long_enough), "c-1");
}

TEST(Presence, EndsWithTheController) {
  EXPECT_EQ(seen({lease("c-1", "7"), lease("c-1", "7")}, std::chrono::milliseconds(300)),
            std::nullopt)
      << "killed: nobody renews";
  EXPECT_EQ(seen({lease("", "7")}, long_enough), std::nullopt) << "given back";
  EXPECT_EQ(seen({kube::refusal(404, "NotFound", "not found",
                                R"("name":"raykeep-controller","kind":"leases")")},
                 long_enough),
            std::nullopt);
}

TEST(Presence, ThatEndedLongAgoIsToldToPeople) {
  auto gone = [](std::string answer) {
    kube::ScriptedCluster cluster({{{.answer = std::move(answer)}}});
    Access access{cluster.client, cluster.clock};
    return cluster.run(controller_is_gone(access, "ray"));
  };
  EXPECT_TRUE(gone(lease("c-1", "7")));
  EXPECT_FALSE(gone(kube::refusal(403, "Forbidden", "no", "")));
}

TEST(Presence, OfWhomWeMayNotAskCountsForNothing) {
  EXPECT_EQ(seen({kube::refusal(403, "Forbidden", "no", "")}, long_enough), std::nullopt);
}

}  // namespace
}  // namespace raykeep::control
