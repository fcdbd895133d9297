#include "control/certificate_look.h"

#include <gtest/gtest.h>

#include "pki/server_identity.h"

namespace raykeep::control {
namespace {

TEST(CertificateLook, TellsNamesAndWhenItEnds) {
  pki::ServerIdentity made =
      pki::make_server_identity({"demo-redis.ray.svc"}, std::chrono::days(30));
  CertificateLook look = look_at_pem(made.certificate_pem, {});
  EXPECT_EQ(look.problem, "");
  EXPECT_EQ(look.names, std::vector<std::string>{"demo-redis.ray.svc"});
  std::optional<WallTime> end = parse_time(look.not_after);
  ASSERT_TRUE(end) << look.not_after;
  auto days_left = [&](std::chrono::hours before) {
    return look_at_pem(made.certificate_pem, *end - before).days_left;
  };
  EXPECT_EQ(days_left(std::chrono::days(30)), 30);
  EXPECT_EQ(days_left(std::chrono::hours(1)), 0);
  EXPECT_EQ(days_left(std::chrono::hours(-1)), -1);
}

TEST(CertificateLook, NeverTakesAKeyForACertificate) {
  pki::ServerIdentity made = pki::make_server_identity({"a"}, std::chrono::days(30));
  EXPECT_EQ(look_at_pem(made.key_pem.reveal(), {}).problem, "there is no certificate in it");
  EXPECT_EQ(look_at_pem("", {}).problem, "there is no certificate in it");
}

}  // namespace
}  // namespace raykeep::control
