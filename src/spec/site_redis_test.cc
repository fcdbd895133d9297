#include "spec/site_redis.h"

#include <gtest/gtest.h>

#include "spec/testing.h"

namespace raykeep::spec {
namespace {

ParsedSite site_with(const std::string& redis) {
  return parse_site_text(std::string(kSmallSite) + "  redis:\n" + redis);
}

SiteRedis redis_of(const std::string& text) {
  ParsedSite parsed = site_with(text);
  EXPECT_EQ(lines(parsed.findings), "");
  return parsed.site ? parsed.site->redis : SiteRedis{};
}

TEST(SiteRedis, IsNoneUnlessWritten) {
  EXPECT_EQ(parse_site_text(kSmallSite).site->redis.form, SiteRedis::Form::none);
}

TEST(SiteRedis, ReadsAddressesWithTheirDefaults) {
  SiteRedis redis = redis_of(
      "    addresses: [redis.data.svc:6380, redis-2.data.svc]\n"
      "    tls: {caSecret: {name: redis-ca}, certificateSecret: redis-client}\n"
      "    user: ray\n"
      "    passwordSecret: {name: redis-ray}\n"
      "    hold: 45s\n"
      "    peers: [{namespace: data, podLabels: {app: redis}}]\n");
  EXPECT_EQ(redis.form, SiteRedis::Form::addresses);
  ASSERT_EQ(redis.addresses.size(), 2u);
  EXPECT_EQ(redis.addresses[0].port, 6380);
  EXPECT_EQ(redis.addresses[1].port, 6379);
  EXPECT_TRUE(redis.tls.enabled);  // written, so meant
  EXPECT_EQ(redis.tls.ca, (KeyRef{"redis-ca", "ca.crt", false}));
  EXPECT_EQ(redis.password, (KeyRef{"redis-ray", "password", false}));
  EXPECT_EQ(redis.hold, std::chrono::seconds(45));
  EXPECT_EQ(redis.lease_ttl, std::chrono::seconds(10));
  EXPECT_EQ(redis.peers.size(), 1u);
}

TEST(SiteRedis, ReadsSentinels) {
  SiteRedis redis = redis_of(
      "    sentinel: {addresses: [sentinel.data.svc], master: mymaster, ports: [6379, 6380]}\n"
      "    tls: {enabled: false}\n");
  EXPECT_EQ(redis.form, SiteRedis::Form::sentinel);
  EXPECT_EQ(redis.sentinel->addresses[0].text(), "sentinel.data.svc:26379");
  EXPECT_EQ(redis.sentinel->ports.size(), 2u);
  EXPECT_FALSE(redis.tls.enabled);
}

TEST(SiteRedis, RunsOneWhereNothingElseIsSaid) {
  SiteRedis redis = redis_of("    managed: {}\n");
  EXPECT_EQ(redis.form, SiteRedis::Form::managed);
  EXPECT_EQ(redis.managed->size, "1Gi");
}

TEST(SiteRedis, SaysWhatIsWrong) {
  const std::pair<const char*, const char*> table[] = {
      {"    {}\n", "RK3050 RK3053"},
      {"    addresses: [a]\n    managed: {}\n", "RK3050"},
      {"    managed: {}\n    user: ray\n    passwordSecret: {name: a}\n", "RK3050 RK3050"},
      {"    addresses: []\n    tls: {}\n", "RK3051"},
      {"    addresses: [\"rediss://a:1\"]\n    tls: {}\n", "RK3051"},
      {"    addresses: [\"a:b\"]\n    tls: {}\n", "RK3051"},
      {"    addresses: [a]\n    tls: {}\n    user: ray\n", "RK3052"},
      {"    addresses: [a]\n", "RK3053"},
      {"    addresses: [a]\n    tls: {}\n    hold: 0s\n", "RK3054"},
      {"    addresses: [a]\n    tls: {}\n    hold: soon\n", "RK3054"},
      {"    addresses: [a]\n    tls: {}\n    leaseTtl: 1s\n", "RK3054"},
      {"    addresses: [a]\n    tls: {caSecret: {name: b}, caConfigMap: {name: c}}\n", "RK3050"},
      {"    addresses: [a]\n    tls: {}\n    passwordSecret: {name: A_b}\n", "RK3033"},
      {"    addresses: [a]\n    tls: {}\n    peers: []\n", "RK3018"},
      {"    sentinel: {addresses: [a]}\n    tls: {}\n", "RK3003"},
      {"    managed: {memory: 1Mi}\n", "RK3005"},
  };
  for (auto [text, expected] : table) {
    EXPECT_EQ(codes_of(site_with(text).findings), expected) << text;
  }
}

TEST(SiteRedis, IsStoredWithTheSite) {
  ParsedSite parsed = site_with("    managed: {}\n");
  EXPECT_EQ(doc::write_json(parsed.site->document["spec"].at("redis")), R"({"managed":{}})");
}

}  // namespace
}  // namespace raykeep::spec
