#include "report/fit_text.h"

#include <gtest/gtest.h>

namespace raykeep::report {
namespace {

TEST(Fit, CutsBetweenCharactersAndLeavesWhatFits) {
  EXPECT_EQ(fit("short", 5), "short");
  EXPECT_EQ(fit("longer", 5), "long\u2026");
  EXPECT_EQ(fit("größer", 4), "grö\u2026");
  EXPECT_EQ(fit("漢字漢字", 5), "漢字\u2026");
  EXPECT_EQ(fit("漢字漢字", 8), "漢字漢字");
  EXPECT_EQ(fit("\xF0\x9F", 1), "\u2026");
  EXPECT_EQ(fit("", 5), "");
}

TEST(Fit, BreaksLinesAtSpaces) {
  using Lines = std::vector<std::string>;
  EXPECT_EQ(wrapped("pods app=ci in this namespace", 12, 3),
            (Lines{"pods app=ci", "in this", "namespace"}));
  EXPECT_EQ(wrapped("pods app=ci in this namespace", 12, 2),
            (Lines{"pods app=ci", "in this nam\u2026"}));
  EXPECT_EQ(wrapped("a-very-long-word and more", 6, 3), (Lines{"a-ver\u2026"}));
  EXPECT_EQ(wrapped("one", 12, 1), Lines{"one"});
  EXPECT_EQ(wrapped("", 12, 2), Lines{});
}

}  // namespace
}  // namespace raykeep::report
