#include "base/text.h"

#include <gtest/gtest.h>

namespace raykeep {
namespace {

TEST(Text, SplitKeepsEmptyParts) {
  EXPECT_EQ(split("a,,b", ',').size(), 3u);
  EXPECT_EQ(split("", ',').size(), 1u);
}

TEST(Text, TrimOfOnlySpaceIsEmpty) { EXPECT_EQ(trim(" \n\t"), ""); }

TEST(Text, QuotedHidesControlCharacters) {
  EXPECT_EQ(quoted("a\x1b[31m\n"), "\"a\\x1b[31m\\n\"");
  EXPECT_EQ(quoted("a\xc2\x9bz\xc2\xa0"), "\"a\\x9bz\xc2\xa0\"");
}
TEST(Text, HarmlessHasNoControlCharacters) {
  EXPECT_EQ(harmless("a\x1b[2J\xc2\x9b"
                     "b\xc2\xa0\xc2"),
            "a [2J  b\xc2\xa0\xc2");
}

TEST(Text, QuotedCutsBetweenCharacters) {
  EXPECT_EQ(quoted("aé", 2), "\"a...\"");
  EXPECT_EQ(quoted("abcdef", 3), "\"abc...\"");
}

TEST(Text, NearestFindsATypo) {
  std::vector<std::string> known{"replicas", "minReplicas", "groupName"};
  EXPECT_EQ(nearest("replcas", known), "replicas");
  EXPECT_EQ(nearest("colour", known), "");
}

TEST(Text, Utf8RefusesOverlongSurrogateAndCutSequences) {
  EXPECT_TRUE(is_valid_utf8("h\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"));
  for (const char* bad :
       {"\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xc3", "\x80"}) {
    EXPECT_FALSE(is_valid_utf8(bad));
  }
}

}  // namespace
}  // namespace raykeep
