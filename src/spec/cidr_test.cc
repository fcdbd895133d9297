#include "spec/cidr.h"

#include <gtest/gtest.h>

namespace raykeep::spec {
namespace {

TEST(Cidr, IsReadInBothFamilies) {
  for (const char* good : {"0.0.0.0/0", "10.1.0.0/16", "255.255.255.255/32", "::/0", "fd00::/8",
                           "::1/128", "2001:db8:0:0:0:0:0:1/64", "1:2:3:4:5:6:7::/112"}) {
    EXPECT_TRUE(parse_cidr(good)) << good;
  }
}

TEST(Cidr, RefusesWhatKubernetesRefuses) {
  for (const char* bad :
       {"", "/", "10.0.0.0", "10.0.0/8", "10.0.0.0.0/8", "10.0.0.0/33", "10.0.0.0/-1",
        "10.0.0.0/08", "010.0.0.0/8", "256.0.0.0/8", "a.b.c.d/8", "fd00::/129", ":::/8",
        "1::2::3/8", "1:2:3:4:5:6:7:8:9/8", "1:2:3:4:5:6:7:8::/8", "12345::/8",
        "::ffff:10.0.0.1/96", "10.0.0.0/8 "}) {
    EXPECT_FALSE(parse_cidr(bad)) << bad;
  }
}

TEST(Cidr, ContainsOnlyItsOwn) {
  auto of = [](const char* text) { return *parse_cidr(text); };
  EXPECT_TRUE(of("10.0.0.0/8").contains(of("10.1.2.0/24")));
  EXPECT_FALSE(of("10.0.0.0/8").contains(of("11.0.0.0/8")));
  EXPECT_FALSE(of("10.1.0.0/16").contains(of("10.0.0.0/8")));
  EXPECT_FALSE(of("0.0.0.0/0").contains(of("::/0")));
  EXPECT_TRUE(of("fd00::/8").contains(of("fd12:3456::/32")));
}

TEST(Cidr, KnowsItsHostBits) {
  EXPECT_TRUE(parse_cidr("10.0.0.1/8")->has_host_bits());
  EXPECT_FALSE(parse_cidr("10.0.0.1/32")->has_host_bits());
  EXPECT_TRUE(parse_cidr("fd00::1/64")->has_host_bits());
}

}  // namespace
}  // namespace raykeep::spec
