#include "doc/base64.h"

#include <gtest/gtest.h>

namespace raykeep::doc {
namespace {

TEST(Base64, DecodesWithPaddingAndAcrossLines) {
  EXPECT_EQ(decode_base64(""), "");
  EXPECT_EQ(decode_base64("aGVsbG8="), "hello");
  EXPECT_EQ(decode_base64("aGVs\nbG8h\n"), "hello!");
  EXPECT_EQ(decode_base64("aA=="), "h");
  EXPECT_EQ(decode_base64("/+8="), "\xff\xef");
}

TEST(Base64, EncodesWhatItDecodes) {
  EXPECT_EQ(encode_base64("hello"), "aGVsbG8=");
  std::string bytes;
  for (int i = 0; i < 40; ++i) {
    EXPECT_EQ(decode_base64(encode_base64(bytes)), bytes);
    bytes += static_cast<char>(i * 37);
  }
}

TEST(Base64, RefusesWhatGoRefuses) {
  for (const char* bad :
       {"a", "aG", "aGk", "=", "a===", "aG=k", "aGk=aGk=", "aGk =", "aGk=x", "-_8="}) {
    EXPECT_EQ(decode_base64(bad), std::nullopt) << bad;
  }
}

}  // namespace
}  // namespace raykeep::doc
