#include "oci/challenge.h"

#include <gtest/gtest.h>

#include <fmt/format.h>

namespace raykeep::oci {
namespace {

std::string read(std::vector<std::string> values) {
  net::Headers headers;
  for (std::string& each : values) headers.emplace_back("WWW-Authenticate", std::move(each));
  std::string made;
  for (const Challenge& each : read_challenges(headers))
    made += fmt::format("[{} {} {} {}]", each.scheme, each.realm, each.service, each.scope);
  return made;
}

TEST(Challenge, IsReadWhateverItsForm) {
  EXPECT_EQ(read({R"(Bearer realm="https://t/x",service="s",scope="repository:a:pull,push")"}),
            "[bearer https://t/x s repository:a:pull,push]");
  EXPECT_EQ(read({R"(Basic realm="a \"b\" c")"}), R"([basic a "b" c  ])");
  EXPECT_EQ(read({R"(bearer realm="r", error="x", Basic realm=b)"}), "[bearer r  ][basic b  ]");
  EXPECT_EQ(read({"Basic realm=a", "BEARER  realm = \"no\""}), "[basic a  ][bearer no  ]");
  EXPECT_EQ(read({"", ",,,", "=", "\"", "Negotiate"}), "[negotiate   ]");
  EXPECT_EQ(read({R"(Bearer realm="never ends)"}), "[bearer never ends  ]");
}

TEST(Token, IsReadUnderBothItsNames) {
  EXPECT_EQ(read_token(R"({"token":"a"})")->text.reveal(), "a");
  EXPECT_EQ(read_token(R"({"access_token":"b","expires_in":300})")->lifetime, 300);
  EXPECT_EQ(read_token(R"({"token":"a"})")->lifetime, 60);
  EXPECT_FALSE(read_token("{}"));
  EXPECT_FALSE(read_token("<html>"));
}

}  // namespace
}  // namespace raykeep::oci
