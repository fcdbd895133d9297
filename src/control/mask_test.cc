#include "control/mask.h"

#include <gtest/gtest.h>

namespace raykeep::control {
namespace {

TEST(Mask, HidesWhatFollowsASecretsName) {
  const std::pair<const char*, const char*> table[] = {
      {"Authorization: Bearer abc.def", "Authorization: Bearer ***"},
      {"auth_token=abc next", "auth_token=*** next"},
      {"RAY_AUTH_TOKEN: abc", "RAY_AUTH_TOKEN: ***"},
      {R"({"token": "abc", "a": 1})", R"({"token": "***", "a": 1})"},
      {"gcs_server --redis_password=hunter2 --x", "gcs_server --redis_password=*** --x"},
      {"ray start --redis-password hunter2 --head", "ray start --redis-password *** --head"},
      {"password='a'", "password='***'"},
      {"token: Bearer abc", "token: Bearer ***"},
      {"PASSWD=x\ntoken=y", "PASSWD=***\ntoken=***"},
  };
  for (auto [text, masked] : table) EXPECT_EQ(mask_secrets(text), masked);
}

TEST(Mask, LeavesOrdinaryLinesAlone) {
  for (const char* text : {"", "Connected to GCS at 10.0.0.1:6379", "tokens are on",
                           "the password is wrong", "bearer"}) {
    EXPECT_EQ(mask_secrets(text), text);
  }
}

}  // namespace
}  // namespace raykeep::control
