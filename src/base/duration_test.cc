#include "base/duration.h"

#include <gtest/gtest.h>

namespace raykeep {
namespace {

TEST(Duration, ReadsGosSyntax) {
  using namespace std::chrono_literals;
  const std::pair<const char*, std::chrono::nanoseconds> table[] = {
      {"30s", 30s},     {"10m", 10min},   {"1h30m", 90min},
      {"500ms", 500ms}, {"1.5s", 1500ms}, {"2us", 2us}};
  for (auto [text, span] : table) EXPECT_EQ(parse_duration(text), span) << text;
}

TEST(Duration, ReadsZeroAsNoLimitLikeKubectl) {
  EXPECT_EQ(parse_duration("0"), no_limit);
  EXPECT_EQ(parse_duration("0s"), no_limit);
}

TEST(Duration, RefusesWhatIsNone) {
  for (const char* text :
       {"", "soon", "10", "-1s", "1d", "1h-1m", "s", "99999999h", "1e3s", "nans", "infs"})
    EXPECT_FALSE(parse_duration(text)) << text;
}

}  // namespace
}  // namespace raykeep
