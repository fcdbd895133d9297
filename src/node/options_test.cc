#include "node/options.h"

#include <gtest/gtest.h>

namespace raykeep::node {
namespace {

using namespace std::chrono_literals;

Result<redis::RoadOptions> road(std::string_view json) {
  return parse_road(*doc::parse_json(json));
}

TEST(Options, HostAndPort) {
  EXPECT_EQ(*parse_host_and_port("a.b.svc:6379"), std::pair(std::string("a.b.svc"), 6379));
  EXPECT_EQ(*parse_host_and_port("[fd00::1]:1"), std::pair(std::string("fd00::1"), 1));
  for (auto bad : {"", ":1", "a", "a:", "a:0", "a:65536", "a:1x", "fd00::1", "[]:1"})
    EXPECT_FALSE(parse_host_and_port(bad)) << bad;
}

TEST(Options, Patience) {
  EXPECT_EQ(*parse_patience("60s"), 60s);
  EXPECT_EQ(*parse_patience("1500ms"), 1500ms);
  EXPECT_EQ(*parse_patience("2m"), 2min);
  for (auto bad : {"", "60", "s", "-1s", "1d", "1s ", "99999999999999999999s"})
    EXPECT_FALSE(parse_patience(bad)) << bad;
}

TEST(Options, TlsPorts) {
  EXPECT_EQ(*parse_tls_port("52380:8265"), (TlsPort{.port = 52380, .plain = 8265}));
  EXPECT_EQ(*parse_tls_port("1:2,/run/http"),
            (TlsPort{.port = 1, .plain = 2, .folder = "/run/http"}));
  EXPECT_EQ(*parse_tls_port("1:2,h2,/f"),
            (TlsPort{.port = 1, .plain = 2, .http2 = true, .folder = "/f"}));
  for (auto bad : {"", "1", "1:", ":2", "0:2", "1:65536", "1:2:3", "1:2,", "1:2,h3", "1:2,folder"})
    EXPECT_FALSE(parse_tls_port(bad)) << bad;
}

TEST(Options, TheWholeRoad) {
  auto got = road(R"({"listen": 6399, "addresses": ["redis.ns.svc:6379"],
    "tls": {"enabled": true, "caFile": "/ca", "certificateFile": "/c", "keyFile": "/k",
            "serverName": "redis"},
    "usernameFile": "/u", "passwordFile": "/p", "storageNamespace": "abc", "hold": "90s",
    "leaseTtl": "5s"})");
  ASSERT_TRUE(got) << got.error().text;
  EXPECT_EQ(got->listen_port, 6399);
  EXPECT_EQ(got->upstream, (redis::Upstream{.addresses = {"redis.ns.svc:6379"},
                                            .tls = {.enabled = true,
                                                    .ca_file = "/ca",
                                                    .certificate_file = "/c",
                                                    .key_file = "/k",
                                                    .server_name = "redis"},
                                            .user_file = "/u",
                                            .password_file = "/p"}));
  EXPECT_EQ(got->storage_namespace, "abc");
  EXPECT_EQ(got->hold, 90s);
  EXPECT_EQ(got->lease_ttl, 5s);
}

TEST(Options, SentinelsAndDefaults) {
  auto got = road(R"({"sentinel": {"addresses": ["a:1", "b:2"], "master": "m",
    "usernameFile": null, "passwordFile": "/sp"}, "storageNamespace": "abc"})");
  ASSERT_TRUE(got) << got.error().text;
  EXPECT_EQ(got->upstream.sentinels,
            (redis::Sentinels{.addresses = {"a:1", "b:2"}, .master = "m", .password_file = "/sp"}));
  EXPECT_FALSE(got->upstream.tls.enabled);
  EXPECT_EQ(got->hold, 90s);
}

TEST(Options, WhatIsWrongWithTheRoadIsNamed) {
  struct Row {
    const char* json;
    const char* problem;
  };
  const Row rows[] = {
      {R"([])", "the file: an object is expected"},
      {R"({"addresses": ["a:1"]})", "storageNamespace is missing"},
      {R"({"storageNamespace": "x"})", "either addresses or sentinel.addresses is to be given"},
      {R"({"storageNamespace": "x", "addresses": ["a:1"], "sentinel": {"addresses": ["b:1"]}})",
       "either addresses or sentinel.addresses is to be given"},
      {R"({"storageNamespace": "x", "addresses": "a:1"})", "addresses: a list is expected"},
      {R"({"storageNamespace": "x", "addresses": ["a:1"], "Tls": {}})",
       "Tls: there is no such member"},
      {R"({"storageNamespace": "x", "addresses": ["a:1"], "tls": {"enable": true}})",
       "tls.enable: there is no such member"},
      {R"({"storageNamespace": "x", "addresses": ["a:1"], "tls": {"enabled": "yes"}})",
       "tls.enabled: true or false is expected"},
      {R"({"storageNamespace": "x", "addresses": ["a:1"], "hold": "60"})",
       "hold: \"60\" is not a time such as \"60s\""},
      {R"({"storageNamespace": "x", "addresses": ["a:1"], "listen": 70000})",
       "listen: a port is expected"},
  };
  for (const auto& row : rows) {
    auto got = road(row.json);
    ASSERT_FALSE(got) << row.json;
    EXPECT_EQ(got.error().text, row.problem) << row.json;
  }
}

TEST(Options, WhatDecides) {
  Options options;
  options.role = Role::head;
  options.ray_version = "2.60.0";
  options.dashboard_port = 8265;
  auto config = config_of(options);
  EXPECT_TRUE(config.gcs_in_place);
  EXPECT_TRUE(config.dashboard);
  EXPECT_FALSE(config.serve);
  EXPECT_FALSE(config.road);
  options.ray_version = "";
  EXPECT_FALSE(config_of(options).gcs_in_place);
}

}  // namespace
}  // namespace raykeep::node
