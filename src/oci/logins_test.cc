#include "oci/logins.h"

#include <gtest/gtest.h>

namespace raykeep::oci {
namespace {

TEST(Logins, AreFoundByTheLongestPath) {
  // "u:p:w", and "<token>:t".
  Result<Logins> read = Logins::parse(R"({"auths": {
      "https://index.docker.io/v1/": {"auth": "dTpwOnc="},
      "r.example:5000": {"username": "a", "password": "b"},
      "r.example:5000/team": {"identitytoken": "i"},
      "q.example": {"auth": "PHRva2VuPjp0"},
      "z.example": {"registrytoken": "z"}}})");
  ASSERT_TRUE(read) << read.error().text;
  EXPECT_EQ(read->find("docker.io", "library/redis").user, "u");
  EXPECT_EQ(read->find("docker.io", "library/redis").password.reveal(), "p:w");
  EXPECT_EQ(read->find("r.example:5000", "other/x").user, "a");
  EXPECT_EQ(read->find("r.example:5000", "team/x").identity_token.reveal(), "i");
  EXPECT_EQ(read->find("r.example:5000", "teamwork/x").user, "a");
  EXPECT_EQ(read->find("q.example", "x").identity_token.reveal(), "t");
  EXPECT_EQ(read->find("z.example", "x").registry_token.reveal(), "z");
  EXPECT_TRUE(read->find("r.example", "x").empty());
}

TEST(Logins, KnowWhichHelperIsAsked) {
  Result<Logins> read =
      Logins::parse(R"({"credsStore": "pass", "credHelpers": {"r.example": "ecr-login"}})");
  EXPECT_EQ(read->helper_for("r.example"), "ecr-login");
  EXPECT_EQ(read->helper_for("docker.io"), "pass");
  // A helper's name becomes a program's.
  EXPECT_EQ(Logins::parse(R"({"credsStore": "../../bin/sh"})")->helper_for("a"), "");
  EXPECT_EQ(Logins::parse(R"({"credHelpers": {"a": "x y", "b": 7}})")->helper_for("a"), "");
}

TEST(Logins, OfAHelperAreAUserOrAToken) {
  EXPECT_EQ(Logins::parse_helper(R"({"Username":"u","Secret":"s"})")->password.reveal(), "s");
  EXPECT_EQ(Logins::parse_helper(R"({"Username":"<token>","Secret":"t"})")->identity_token.reveal(),
            "t");
  EXPECT_FALSE(Logins::parse_helper("credentials not found in native keychain"));
}

TEST(Logins, WhatIsBrokenIsRefusedOrNobody) {
  EXPECT_FALSE(Logins::parse(""));
  EXPECT_FALSE(Logins::parse("[]"));
  EXPECT_TRUE(Logins::parse(R"({"auths": {"a": {"auth": "!"}, "b": 7}})")->find("a", "x").empty());
}

}  // namespace
}  // namespace raykeep::oci
