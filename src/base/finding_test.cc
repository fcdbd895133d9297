#include "base/finding.h"

#include <gtest/gtest.h>

namespace raykeep {
namespace {

Finding example() {
  return {.code = "RK2103",
          .place = {"cluster.yaml", 41, 13},
          .path = "spec.workerGroupSpecs[1].rayStartParams.num-cpus",
          .what = "\"4 cores\" is not a number",
          .remedy = "write \"4\""};
}

TEST(Finding, ReadsAsPlaceCodePathWhatRemedy) {
  EXPECT_EQ(to_string(example()),
            "cluster.yaml:41:13 RK2103 spec.workerGroupSpecs[1].rayStartParams.num-cpus: "
            "\"4 cores\" is not a number; write \"4\"");
}

TEST(Finding, SaysWhenItIsOnlyAWarning) {
  Finding f = example();
  f.severity = Severity::warning;
  EXPECT_NE(to_string(f).find("RK2103 warning spec."), std::string::npos);
}

TEST(Finding, LeavesOutAnUnknownPlace) {
  Finding f = example();
  f.place = {};
  EXPECT_TRUE(to_string(f).starts_with("RK2103 "));
}

TEST(Findings, OnlyErrorsCountAsErrors) {
  Finding f = example();
  f.severity = Severity::warning;
  EXPECT_FALSE(has_errors({f}));
  EXPECT_TRUE(has_errors({f, example()}));
}

TEST(Findings, AreSortedByPlace) {
  Finding early = example();
  early.place.line = 2;
  Findings all{example(), early};
  sort_by_place(all);
  EXPECT_EQ(all.front().place.line, 2);
}

}  // namespace
}  // namespace raykeep
