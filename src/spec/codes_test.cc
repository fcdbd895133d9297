#include "spec/codes.h"

#include <cctype>
#include <set>

#include <gtest/gtest.h>

namespace raykeep::spec {
namespace {

TEST(Codes, AreUniqueAndInOrder) {
  std::string_view last;
  for (const CodeInfo& info : kCodes) {
    EXPECT_LT(last, info.code);
    last = info.code;
  }
}

TEST(Codes, HaveATitleAndASentence) {
  for (const CodeInfo& info : kCodes) {
    EXPECT_FALSE(info.title.empty()) << info.code;
    EXPECT_TRUE(info.meaning.ends_with('.')) << info.code;
    EXPECT_TRUE(info.code.starts_with("RK2") || info.code.starts_with("RK3")) << info.code;
    EXPECT_EQ(info.code.size(), 6u) << info.code;
  }
}

TEST(Codes, AreFoundByName) {
  ASSERT_NE(find_code("RK2103"), nullptr);
  EXPECT_EQ(find_code("RK2103")->title, "not a number");
  EXPECT_EQ(find_code("RK9999"), nullptr);
}

}  // namespace
}  // namespace raykeep::spec
