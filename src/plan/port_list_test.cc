#include "plan/port_list.h"

#include <gtest/gtest.h>

namespace raykeep::plan {
namespace {

using Ports = std::vector<spec::PortRange>;

TEST(PortList, IsReadAsMeshesWriteIt) {
  EXPECT_EQ(parse_port_list(""), Ports{});
  EXPECT_EQ(parse_port_list("6379"), (Ports{{6379, 6379}}));
  EXPECT_EQ(parse_port_list(" 80, 10002-10033 ,"), (Ports{{80, 80}, {10002, 10033}}));
  EXPECT_EQ(parse_port_list("*"), (Ports{{1, 65535}}));
  EXPECT_EQ(parse_port_list("http,5-"), (Ports{{5, 5}}));
}

TEST(PortList, CoversARangePortByPort) {
  EXPECT_TRUE(covers({{1, 5}, {6, 9}}, {3, 8}));
  EXPECT_FALSE(covers({{1, 5}, {7, 9}}, {3, 8}));
  EXPECT_FALSE(covers({}, {1, 1}));
  EXPECT_TRUE(overlap({1, 5}, {5, 9}));
  EXPECT_FALSE(overlap({1, 5}, {6, 9}));
}

}  // namespace
}  // namespace raykeep::plan
