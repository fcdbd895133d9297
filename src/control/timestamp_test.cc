#include "control/timestamp.h"

#include <gtest/gtest.h>

namespace raykeep::control {
namespace {

using std::chrono::seconds;

TEST(Timestamp, WritesAgesAsKubectlDoes) {
  const std::pair<long, const char*> table[] = {{-5, "0s"},
                                                {0, "0s"},
                                                {119, "119s"},
                                                {120, "2m"},
                                                {125, "2m5s"},
                                                {600, "10m"},
                                                {3 * 3600 - 1, "179m"},
                                                {3 * 3600 + 720, "3h12m"},
                                                {30 * 3600, "30h"},
                                                {2 * 86400, "2d"},
                                                {2 * 86400 + 7200, "2d2h"},
                                                {9 * 86400, "9d"}};
  for (auto [span, text] : table) EXPECT_EQ(age_text(seconds(span)), text);
}

TEST(Timestamp, LeavesOutTheSpansThatChangeByThemselves) {
  EXPECT_EQ(without_spans("head: pulling image (12s)"), "head: pulling image");
  EXPECT_EQ(without_spans("a (b) (3m2s) c"), "a (b) c");
  EXPECT_EQ(without_spans("open (1"), "open (1");
}

}  // namespace
}  // namespace raykeep::control
