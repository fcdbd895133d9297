#include "preflight/rights.h"

#include <gtest/gtest.h>

#include "preflight/testing.h"

namespace raykeep::preflight {
namespace {

using namespace testing;

const std::vector<control::Right> rights = {
    {"", "services", {"get", "patch"}, "the head is found"},
    {"policy", "poddisruptionbudgets", {"create"}, "node drains"},
};

kube::Said says(bool allowed) {
  return answer(allowed ? "status: {allowed: true}" : "status: {allowed: false}");
}

TEST(Rights, AreAskedForVerbByVerb) {
  auto questions = right_questions(rights, "bank");
  ASSERT_EQ(questions.size(), 3u);
  EXPECT_EQ(questions[0].path,
            "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews?fieldManager=raykeep&"
            "fieldValidation=Strict");
  EXPECT_EQ(
      doc::write_json(*doc::find(may_question("bank", "", "pods/log", "get").body,
                                 {"spec", "resourceAttributes"})),
      R"({"verb":"get","group":"","resource":"pods","namespace":"bank","subresource":"log"})");
}

TEST(Rights, ThatAreThereAreNoObstacle) {
  std::vector<kube::Said> all(3, says(true));
  EXPECT_TRUE(judge_rights(rights, Weight::blocks, "bank", "u", all).empty());
}

TEST(Rights, ThatAreMissingComeAsARole) {
  std::vector<kube::Said> some = {says(true), says(false), says(false)};
  Obstacles found =
      judge_rights(rights, Weight::blocks, "bank", "system:serviceaccount:bank:tenant", some);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].what,
            "the account may not patch services (the head is found); create poddisruptionbudgets "
            "(node drains)");
  auto sent = objects(found[0].send);
  ASSERT_EQ(sent.size(), 2u);
  EXPECT_EQ(doc::write_json(*doc::find(sent[0], {"rules"})),
            R"([{"apiGroups":[""],"resources":["services"],"verbs":["patch"]},)"
            R"({"apiGroups":["policy"],"resources":["poddisruptionbudgets"],"verbs":["create"]}])");
  EXPECT_EQ(doc::write_json(*doc::find(sent[1], {"subjects"})),
            R"([{"kind":"ServiceAccount","namespace":"bank","name":"tenant"}])");
}

TEST(Rights, ThatNobodyTellsAreNotChecked) {
  std::vector<kube::Said> none(3, refusal(403, "no reviews"));
  Obstacles found = judge_rights(rights, Weight::blocks, "bank", "u", none);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].weight, Weight::unchecked);
}

}  // namespace
}  // namespace raykeep::preflight
