#include "report/verified.h"

#include <gtest/gtest.h>

namespace raykeep::report {
namespace {

constexpr std::string_view kHead =
    R"("apiVersion":"raykeep.io/v1","kind":"VerifyResult","cluster":"demo","namespace":"ray")";

std::string with(const std::string& more) {
  return "{" + std::string(kHead) + (more.empty() ? "" : ",") + more + "}";
}

std::string problem(const std::string& text) {
  auto read = parse_verified(text, "demo", "ray");
  return read ? "" : read.error().text;
}

TEST(Verified, IsReadWithWhatItSays) {
  auto read = parse_verified(
      with(R"("at":"2026-11-27T07:00:00Z","program":"0.1.0","good":true,"seconds":12.3,
  "flows":[{"id":"worker(cpu)->head gcs-server","result":"open","good":true,"how":"connected"}],
  "pairs":[{"from":"stranger","to":"head","tried":14,"blocked":13,"good":false,"note":"8265"}],
  "findings":[{"code":"RK6001","severity":"error","object":"NetworkPolicy demo-head","what":"x"}])"),
      "demo", "ray");
  ASSERT_TRUE(read) << read.error().text;
  EXPECT_EQ(read->at, "2026-11-27T07:00:00Z");
  EXPECT_EQ(read->seconds, 12.3);
  const VerifiedFlow& flow = read->flows.at("worker(cpu)->head gcs-server");
  EXPECT_TRUE(flow.good && flow.is_tested());
  EXPECT_EQ(flow.how, "connected");
  EXPECT_EQ(read->pairs.at(0).blocked, 13);
  EXPECT_EQ(read->findings.at(0).code, "RK6001");
}

TEST(Verified, LacksWhatIsNotThere) {
  auto read =
      parse_verified(with(R"("flows":[{"id":"a"},{}],"pairs":[{}],"at":null)"), "demo", "ray");
  ASSERT_TRUE(read) << read.error().text;
  EXPECT_FALSE(read->good);
  EXPECT_EQ(read->flows.size(), 1u);
  EXPECT_FALSE(read->flows.at("a").is_tested());
  EXPECT_EQ(read->pairs.at(0).tried, 0);
}

TEST(Verified, IsRefusedWhenItSpeaksOfAnotherCluster) {
  EXPECT_EQ(
      problem(R"({"apiVersion":"raykeep.io/v1","kind":"VerifyResult","cluster":"other",
                        "namespace":"ray"})"),
      "it speaks of cluster \"other\" in namespace \"ray\", and this report is of \"demo\" in "
      "\"ray\"");
  EXPECT_NE(problem(R"({"kind":"Report"})"), "");
  EXPECT_NE(problem("[]"), "");
  EXPECT_NE(problem("{"), "");
  EXPECT_NE(problem(with("\"at\":\"\xff\"")), "");
}

TEST(Verified, IsRefusedWhenAFieldHasAnotherType) {
  EXPECT_EQ(problem(with(R"("good":"yes")")), "good is not true or false");
  EXPECT_EQ(problem(with(R"("flows":{})")), "flows is not a list");
  EXPECT_EQ(problem(with(R"("flows":[{"id":7}])")), "id is not a text");
  EXPECT_EQ(problem(with(R"("pairs":[{"tried":-1}])")), "tried is not a count");
  EXPECT_EQ(problem(with("\"at\":\"" + std::string(3000, 'x') + '"')),
            "at is not 2000 bytes at most");
  EXPECT_EQ(problem(with("")), "");
}

}  // namespace
}  // namespace raykeep::report
