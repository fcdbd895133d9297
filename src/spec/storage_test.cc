#include "spec/storage.h"

#include <gtest/gtest.h>

#include "spec/testing.h"

namespace raykeep::spec {
namespace {

using Backend = Storage::Backend;
using Fault = Storage::Fault;

RayCluster cluster_with(const std::string& options, const std::string& annotations = "") {
  std::string text(kSmallCluster);
  if (!annotations.empty())
    text = with(text, "  name: demo\n", "  annotations: {" + annotations + "}\n");
  if (!options.empty()) {
    text =
        with(text, "  rayVersion: \"2.52.0\"\n", "  gcsFaultToleranceOptions: {" + options + "}\n");
  }
  return *parse_cluster(text).cluster;
}

Site site_with(const std::string& redis) {
  if (redis.empty()) return *parse_site_text(kSmallSite).site;
  return *parse_site_text(std::string(kSmallSite) + "  redis: {" + redis + "}\n").site;
}

TEST(Storage, IsTheDocumentsWishCompletedByTheSite) {
  constexpr const char* sites = "addresses: [redis.data.svc], tls: {}";
  struct Case {
    const char *options, *annotations, *site;
    Backend backend;
    Fault fault;
  };
  const Case table[] = {
      {"", "", "", Backend::memory, Fault::none},
      {"", "", "managed: {}", Backend::managed_redis, Fault::none},
      {"", "", sites, Backend::redis, Fault::guessed_peers},
      {"", "ray.io/ft-enabled: \"false\"", sites, Backend::memory, Fault::none},
      {"", "ray.io/ft-enabled: \"true\"", "", Backend::memory, Fault::annotation_only},
      {"", "ray.io/ft-enabled: \"true\"", sites, Backend::redis, Fault::guessed_peers},
      {"redisAddress: \"\"", "", "", Backend::memory, Fault::no_redis},
      {"redisAddress: \"\"", "", "managed: {}", Backend::managed_redis, Fault::none},
      {"redisAddress: \"r:1\"", "", "managed: {}", Backend::redis, Fault::guessed_peers},
      {"redisAddress: \"10.0.0.1:1\"", "", "", Backend::redis, Fault::none},
      {"redisAddress: \"127.0.0.1:1\"", "", "", Backend::redis, Fault::none},
      {"redisAddress: \"redis.bank.example:1\"", "", "", Backend::redis, Fault::unknown_peers},
      {"backend: rocksdb", "", "managed: {}", Backend::rocksdb, Fault::none},
  };
  for (const Case& each : table) {
    Storage storage =
        storage_of(cluster_with(each.options, each.annotations), site_with(each.site));
    EXPECT_EQ(storage.backend, each.backend) << each.options << each.annotations << each.site;
    EXPECT_EQ(storage.fault, each.fault) << each.options << each.annotations << each.site;
  }
}

TEST(Storage, TakesTheSitesCredentialsForTheSitesAddresses) {
  Site site = site_with(
      "addresses: [redis.data.svc], tls: {caSecret: {name: ca}}, user: ray, "
      "passwordSecret: {name: p}");
  Storage known = storage_of(cluster_with("redisAddress: \"redis.data.svc:6379\""), site);
  EXPECT_TRUE(known.tls.enabled);
  EXPECT_EQ(known.user.literal.reveal(), "ray");
  EXPECT_EQ(known.password.from->name, "p");
  // Another Redis gets neither the user nor the password, but the authorities where it has TLS.
  Storage other = storage_of(cluster_with("redisAddress: \"rediss://other:6379\""), site);
  EXPECT_TRUE(other.user.empty());
  EXPECT_TRUE(other.password.empty());
  EXPECT_TRUE(other.tls.enabled);
  EXPECT_EQ(other.tls.ca->name, "ca");
  EXPECT_FALSE(storage_of(cluster_with("redisAddress: \"other:6379\""), site).tls.enabled);
}

TEST(Storage, KnowsWhoAnswersFromTheAddress) {
  struct Case {
    const char* address;
    const char* ns;  // "": this namespace
    const char* cidr;
  };
  const Case table[] = {
      {"redis:6379", "", ""},
      {"redis.data:6379", "data", ""},
      {"redis.data.svc:6379", "data", ""},
      {"redis.data.svc.cluster.local:6379", "data", ""},
      {"redis-0.redis.data.svc:6379", "data", ""},
      {"10.1.2.3:6379", "", "10.1.2.3/32"},
      {"[fd00::1]:6379", "", "fd00::1/128"},
  };
  for (const Case& each : table) {
    Storage storage = storage_of(
        cluster_with(std::string("redisAddress: \"") + each.address + "\""), default_site());
    ASSERT_EQ(storage.peers.size(), 1u) << each.address;
    const Peer& peer = storage.peers[0];
    EXPECT_EQ(peer.cidr, each.cidr) << each.address;
    EXPECT_EQ(peer.namespace_labels ? peer.namespace_labels->begin()->second : "", each.ns);
    ASSERT_EQ(storage.ports.size(), 1u);
    EXPECT_EQ(storage.ports[0].range, (PortRange{6379, 6379}));
  }
}

TEST(Storage, ReachesSentinelsAndTheServersThatTheyName) {
  Storage storage =
      storage_of(cluster_with(""),
                 site_with("sentinel: {addresses: [a.data.svc, b.data.svc], master: m}, tls: {}"));
  ASSERT_EQ(storage.ports.size(), 2u);
  EXPECT_EQ(storage.ports[0].range.first, 6379);
  EXPECT_EQ(storage.ports[1].range.first, 26379);
  EXPECT_EQ(storage.peers.size(), 1u);
}

TEST(Storage, PrefersTheSitesPeers) {
  Site site = site_with(
      "addresses: [redis.data.svc], tls: {}, peers: [{namespace: data, podLabels: "
      "{app: redis}}]");
  Storage storage = storage_of(cluster_with(""), site);
  EXPECT_EQ(storage.fault, Fault::none);
  EXPECT_EQ(storage.peers[0].pod_labels->at("app"), "redis");
}

}  // namespace
}  // namespace raykeep::spec
