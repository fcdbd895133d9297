#include "spec/redis_address.h"

#include <gtest/gtest.h>

namespace raykeep::spec {
namespace {

TEST(RedisAddress, ReadsWhatRayReads) {
  struct Case {
    const char* text;
    RedisAddress expected;
  };
  const Case table[] = {
      {"redis:6379", {"redis", 6379, false}},
      {"redis", {"redis", 6379, false}},
      {"redis://redis.data.svc:6380", {"redis.data.svc", 6380, false}},
      {"rediss://redis.data.svc.cluster.local.:6380/",
       {"redis.data.svc.cluster.local.", 6380, true}},
      {"10.1.2.3:7000", {"10.1.2.3", 7000, false}},
      {"[fd00::1]:7000", {"fd00::1", 7000, false}},
      {"rediss://[fd00::1]", {"fd00::1", 6379, true}},
  };
  for (const Case& each : table) {
    auto address = parse_redis_address(each.text);
    ASSERT_TRUE(address) << each.text << ": " << address.error().text;
    EXPECT_EQ(*address, each.expected) << each.text;
  }
}

TEST(RedisAddress, RefusesWhatNamesNoServer) {
  for (const char* text : {"", ":6379", "redis:", "redis:0", "redis:70000", "redis:6379:1",
                           "re dis:1", "$(REDIS):6379", "${REDIS}", "http://redis:6379",
                           "redis:6379/3", "[redis]:1", "fd00::1", "redis_1:6379"}) {
    EXPECT_FALSE(parse_redis_address(text)) << text;
  }
}

TEST(RedisAddress, NeverRepeatsAPasswordThatStandsInIt) {
  auto address = parse_redis_address("redis://:geheim@redis:6379");
  ASSERT_FALSE(address);
  EXPECT_FALSE(address.error().text.contains("geheim"));
}

TEST(RedisAddress, ReadsSeveralWithOneScheme) {
  auto several = parse_redis_addresses("rediss://a:1,b:2, c");
  ASSERT_TRUE(several);
  EXPECT_EQ(*several,
            (std::vector<RedisAddress>{{"a", 1, true}, {"b", 2, true}, {"c", 6379, true}}));
  EXPECT_FALSE(parse_redis_addresses("a:1,,b:2"));
}

TEST(RedisAddress, PrintsWithoutTheScheme) {
  EXPECT_EQ(parse_redis_address("rediss://a:1")->text(), "a:1");
  EXPECT_EQ(parse_redis_address("[fd00::1]:7")->text(), "[fd00::1]:7");
}

}  // namespace
}  // namespace raykeep::spec
