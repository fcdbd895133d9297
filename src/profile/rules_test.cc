// The table itself: names are unique within what they mean, and every row can be found out.
#include "profile/rules.h"

#include <map>
#include <set>

#include <gtest/gtest.h>

namespace raykeep::profile {
namespace {

TEST(Rules, AreEitherOfPodsOrOfObjects) {
  for (const Rule& rule : rules()) {
    ASSERT_FALSE(rule.names.empty());
    EXPECT_NE(rule.pod == nullptr, rule.object == nullptr) << rule.names.front().rule;
    EXPECT_FALSE(rule.remedy.empty()) << rule.names.front().rule;
  }
}

/// k8s.io/pod-security-admission has 12 controls of baseline; restricted replaces three of them and
/// adds six.
TEST(Rules, AreAllControlsOfPodSecurity) {
  std::map<Profile, std::set<std::string_view>> names;
  for (const Rule& rule : rules()) {
    for (const RuleName& name : rule.names) names[name.profile].insert(name.rule);
  }
  EXPECT_EQ(names[Profile::pss_baseline].size(), 12u);
  EXPECT_EQ(names[Profile::pss_restricted].size(), 15u);
  EXPECT_EQ(names.size(), kProfiles.size());
}

TEST(Profiles, AreFoundByNameAndHaveCodesInOrder) {
  std::string_view last;
  for (const ProfileInfo& each : kProfiles) {
    EXPECT_EQ(find_profile(each.name), each.profile);
    EXPECT_EQ(info(each.profile).code, each.code);
    EXPECT_LT(last, each.code);
    last = each.code;
  }
  EXPECT_EQ(find_profile("pss"), std::nullopt);
  EXPECT_EQ(find_profile(""), std::nullopt);
}

}  // namespace
}  // namespace raykeep::profile
