#include "ray/token_file.h"

#include <fstream>

namespace raykeep::ray {
namespace {

Result<Secret<std::string>> read(const std::string& bytes) {
  auto path = ::testing::TempDir() + "token";
  std::ofstream(path, std::ios::binary) << bytes;
  return read_token(path);
}

TEST(Token, IsTheFirstLineWithoutBlanks) {
  for (const char* text : {"abc", "abc\n", "  abc \r\n", "abc\nnext", "\n\nabc\n"}) {
    auto token = read(text);
    ASSERT_TRUE(token) << text;
    EXPECT_EQ(token->reveal(), "abc") << text;
  }
}

TEST(Token, IsRefusedWhenItCannotBeOne) {
  for (const auto& text :
       {std::string(), std::string(" \n"), std::string("a b"), std::string("a\x01"),
        std::string("gr\xc3\xbc"), std::string(20000, 'a')}) {
    auto token = read(text);
    ASSERT_FALSE(token) << text.substr(0, 20);
    EXPECT_TRUE(token.error().text.starts_with("read Ray's token from ")) << token.error().text;
    EXPECT_FALSE(token.error().text.contains("a b")) << "the error shows the token";
  }
}

TEST(Token, IsEmptyWithoutAFileAndAnErrorWithAMissingOne) {
  EXPECT_TRUE(read_token("")->empty());
  EXPECT_TRUE(read_token("/no/such").error().text.contains("No such file"));
  EXPECT_FALSE(read_token("/"));
}

}  // namespace
}  // namespace raykeep::ray
