#include "base/moment.h"

#include <gtest/gtest.h>

namespace raykeep {
namespace {

using std::chrono::seconds;

TEST(Moment, IsReadWithAndWithoutAFraction) {
  EXPECT_EQ(parse_time("1970-01-02T00:00:01Z"), WallTime(seconds(86401)));
  EXPECT_EQ(parse_time("2026-11-24T04:00:44.123456Z"), parse_time("2026-11-24T04:00:44Z"));
}

TEST(Moment, WhatIsNoneIsRefused) {
  for (const char* text : {"", "2026-11-24", "2026-11-24T04:00:44", "2026-11-24T04:00:44+01:00",
                           "2026-02-30T00:00:00Z", "2026-13-01T00:00:00Z", "2026-11-24T24:00:00Z",
                           "-026-11-24T04:00:44Z", "2026x11-24T04:00:44Z"}) {
    EXPECT_FALSE(parse_time(text)) << text;
  }
}

TEST(Moment, IsWrittenAsItIsRead) {
  for (const char* text : {"1970-01-01T00:00:00Z", "2026-11-24T04:00:44Z", "9999-12-31T23:59:59Z"})
    EXPECT_EQ(time_text(*parse_time(text)), text);
}

}  // namespace
}  // namespace raykeep
