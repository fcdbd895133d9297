#include "policy/port_set.h"

#include <gtest/gtest.h>

namespace raykeep::policy {
namespace {

PortSet set(std::vector<spec::PortRange> ranges) { return PortSet(std::move(ranges)); }

TEST(PortSet, RangesThatTouchAreOne) {
  EXPECT_EQ(set({{5, 6}, {1, 2}, {3, 4}}), set({{1, 6}}));
  EXPECT_EQ(set({{1, 2}, {4, 5}}).ranges().size(), 2u);
  EXPECT_TRUE(set({{2, 1}}).empty());
}

TEST(PortSet, IsCombinedAsASet) {
  const PortSet a = set({{1, 10}, {20, 30}}), b = set({{5, 25}});
  EXPECT_EQ(a.united(b), set({{1, 30}}));
  EXPECT_EQ(a.common(b), set({{5, 10}, {20, 25}}));
  EXPECT_EQ(a.without(b), set({{1, 4}, {26, 30}}));
  EXPECT_EQ(b.without(a), set({{11, 19}}));
  EXPECT_TRUE(a.without(PortSet::all()).empty());
  EXPECT_EQ(PortSet::all().without(set({{1, 65535}})), set({{0, 0}}));
  EXPECT_TRUE(a.contains(10));
  EXPECT_FALSE(a.contains(11));
}

TEST(PortSet, IsSaidInFewWords) {
  EXPECT_EQ(to_string(Ports{set({{6379, 6379}, {8076, 8077}}), set({{53, 53}})}),
            "6379, 8076-8077, 53/UDP");
  EXPECT_EQ(to_string(Ports::all()), "every port");
  EXPECT_EQ(to_string(Ports{}), "none");
}

}  // namespace
}  // namespace raykeep::policy
