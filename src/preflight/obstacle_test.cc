#include "preflight/obstacle.h"

#include <gtest/gtest.h>

#include <set>

namespace raykeep::preflight {
namespace {

Obstacle obstacle(std::string_view code, Weight weight, Who who, std::string about) {
  return {code, weight, who, std::move(about), "it is so", "because", "please mend it"};
}

TEST(Obstacles, AreToldOnceTheHeaviestFirst) {
  Obstacles ordered =
      in_order({obstacle(code::quota, Weight::notice, Who::you, "a"),
                obstacle(code::image_slow, Weight::may_block, Who::registry_team, "b"),
                obstacle(code::quota, Weight::blocks, Who::namespace_admin, "a"),
                obstacle(code::quota, Weight::blocks, Who::namespace_admin, "a")});
  ASSERT_EQ(ordered.size(), 2u);
  EXPECT_EQ(ordered[0].about, "a");
  EXPECT_EQ(ordered[0].weight, Weight::blocks);
  EXPECT_EQ(ordered[1].about, "b");
}

TEST(Obstacles, AreInTheWayUnlessTheyAreOnlyWorthKnowing) {
  EXPECT_FALSE(any_in_the_way({obstacle(code::quota, Weight::notice, Who::you, "a"),
                               obstacle(code::quota, Weight::unchecked, Who::you, "a")}));
  EXPECT_TRUE(any_in_the_way({obstacle(code::quota, Weight::may_block, Who::you, "a")}));
}

TEST(Obstacles, StandInOneBlockForEachPerson) {
  std::string text =
      to_text({obstacle(code::quota, Weight::blocks, Who::namespace_admin, "quota q"),
               obstacle(code::right, Weight::blocks, Who::namespace_admin, "rights"),
               obstacle(code::dns, Weight::blocks, Who::you, "DNS")});
  EXPECT_EQ(text, R"(blocks      RK6005 quota q: it is so: because
blocks      RK6001 rights: it is so: because
blocks      RK6028 DNS: it is so: because

For you to change:
  RK6028 DNS
    please mend it

To send to the namespace's administrator:
  RK6005 quota q
    please mend it
  RK6001 rights
    please mend it
)");
}

TEST(Obstacles, CannotWriteToATerminal) {
  Obstacle bad = obstacle(code::policy, Weight::blocks, Who::you, "policy \x1b[31m");
  bad.send = "a\n\x1b[0mb";
  EXPECT_EQ(to_text({bad}).find('\x1b'), std::string::npos);
}

TEST(Codes, HaveOneMeaningEach) {
  std::set<std::string_view> seen;
  for (const Meaning& meaning : meanings()) {
    EXPECT_TRUE(seen.insert(meaning.code).second) << meaning.code;
    EXPECT_TRUE(meaning.code.starts_with("RK60")) << meaning.code;
    EXPECT_FALSE(meaning.text.empty());
  }
  EXPECT_EQ(seen.size(), 35u);
}

}  // namespace
}  // namespace raykeep::preflight
