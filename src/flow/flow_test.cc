#include "flow/flow.h"

#include <algorithm>
#include <set>

#include <gtest/gtest.h>

namespace raykeep::flow {
namespace {

spec::RayCluster cluster_with(std::vector<std::string> groups) {
  spec::RayCluster cluster;
  cluster.name = "demo";
  cluster.head.name = "headgroup";
  for (const std::string& name : groups) {
    spec::WorkerGroup group;
    group.name = name;
    cluster.workers.push_back(group);
  }
  return cluster;
}

std::vector<std::string> ids(const std::vector<Flow>& flows) {
  std::vector<std::string> all;
  for (const Flow& flow : flows) all.push_back(flow.id());
  return all;
}

bool has(const std::vector<Flow>& flows, const std::string& id) {
  return std::ranges::count(ids(flows), id) > 0;
}

TEST(FlowTable, LetsWorkersReachGcsAndTheHeadReachTheirAgents) {
  auto flows = flow_table(cluster_with({"cpu"}), spec::default_site());
  EXPECT_TRUE(has(flows, "worker(cpu)->head gcs-server"));
  EXPECT_TRUE(has(flows, "head->worker(cpu) agent-http"));
  EXPECT_TRUE(has(flows, "worker(cpu)->worker(cpu) object-manager"));
}

TEST(FlowTable, NeverLetsWorkersReachTheHeadsClientPort) {
  auto flows = flow_table(cluster_with({"cpu"}), spec::default_site());
  EXPECT_FALSE(has(flows, "worker(cpu)->head client"));
}

TEST(FlowTable, HasNoOutsidersUnlessTheSiteNamesThem) {
  for (const Flow& flow : flow_table(cluster_with({"cpu"}), spec::default_site())) {
    EXPECT_NE(flow.from.role, Role::monitoring) << flow.id();
    EXPECT_NE(flow.from.role, Role::ingress) << flow.id();
    EXPECT_NE(flow.to.role, Role::outside) << flow.id();
  }
}

TEST(FlowTable, OpensMetricsToTheSitesMonitoring) {
  spec::Site site = spec::default_site();
  site.monitoring = {spec::Peer{.name = "prometheus",
                                .namespace_labels = std::nullopt,
                                .pod_labels = spec::StringMap{{"app", "prometheus"}},
                                .cidr = "",
                                .except = {}}};
  auto flows = flow_table(cluster_with({"cpu"}), site);
  EXPECT_TRUE(has(flows, "monitoring->head metrics"));
  EXPECT_TRUE(has(flows, "monitoring->worker(cpu) metrics"));
  EXPECT_TRUE(has(flows, "monitoring->head raykeep"));
  EXPECT_TRUE(has(flows, "monitoring->worker(cpu) raykeep"));
}

TEST(FlowTable, SendsEveryNodeToTheNameServersOverBothProtocols) {
  auto flows = flow_table(cluster_with({"cpu"}), spec::default_site());
  for (const char* id :
       {"head->dns dns", "head->dns dns-tcp", "worker(cpu)->dns dns", "worker(cpu)->dns dns-tcp"}) {
    EXPECT_TRUE(has(flows, id)) << id;
  }
}

TEST(FlowTable, ConnectsEveryPairOfWorkerGroups) {
  auto flows = flow_table(cluster_with({"cpu", "gpu"}), spec::default_site());
  for (const char* id : {"worker(cpu)->worker(gpu) worker", "worker(gpu)->worker(cpu) worker",
                         "worker(gpu)->worker(gpu) worker"}) {
    EXPECT_TRUE(has(flows, id)) << id;
  }
}

TEST(FlowTable, NamesEveryFlowOnceWithAReasonAndAPortNameKubernetesTakes) {
  spec::Site site = spec::default_site();
  std::set<std::string> seen;
  for (const Flow& flow : flow_table(cluster_with({"cpu", "gpu"}), site)) {
    EXPECT_TRUE(seen.insert(flow.id()).second) << flow.id();
    EXPECT_FALSE(flow.reason.empty()) << flow.id();
    EXPECT_FALSE(flow.encryption.empty()) << flow.id();
    EXPECT_LE(flow.port_name.size(), 15u) << flow.id();
    EXPECT_LE(flow.ports.first, flow.ports.last) << flow.id();
  }
}

TEST(FlowTable, SaysWhatEncryptsEachFlow) {
  spec::Site site = spec::default_site();
  site.tls_mode = spec::TlsMode::native;
  for (const Flow& flow : flow_table(cluster_with({"cpu"}), site)) {
    if (flow.port_name == "gcs-server") EXPECT_EQ(flow.encryption, "mutual TLS (Ray)");
    if (flow.port_name == "dashboard") EXPECT_EQ(flow.encryption, "none");
  }
}

TEST(FlowTable, LeadsOutsidersToTheAgentsTlsWhereTheSiteSaysSo) {
  spec::Site site = spec::default_site();
  site.tls_mode = spec::TlsMode::native;
  site.ingress = site.submitters = site.monitoring = site.clients = site.dns.servers;
  spec::RayCluster cluster = cluster_with({"cpu"});
  const auto pod = doc::parse_json(
      R"({"spec":{"containers":[{"name":"ray","ports":[{"name":"serve-grpc","containerPort":9000}]}]}})");
  cluster.workers[0].pod_template = pod->as_object();
  const auto plain = flow_table(cluster, site);
  site.tls_http = true;
  const auto https = flow_table(cluster, site);
  EXPECT_EQ(plain.size(), https.size());
  for (const Flow& flow : https) {
    bool outsider = flow.from.role == Role::ingress || flow.from.role == Role::submitter ||
                    flow.from.role == Role::monitoring;
    EXPECT_EQ(outsider, flow.encryption == "TLS (agent)") << flow.id();
    EXPECT_EQ(outsider, flow.port_name.starts_with("https-")) << flow.id();
    EXPECT_LE(flow.port_name.size(), 15u) << flow.id();
  }
  for (const char* id :
       {"submitter->head https-dashboard", "ingress->head https-serve",
        "ingress->worker(cpu) https-serve", "ingress->worker(cpu) https-grpc",
        "monitoring->head https-metrics", "monitoring->head https-dash-met",
        "monitoring->head https-auto-met", "monitoring->worker(cpu) https-raykeep"}) {
    EXPECT_TRUE(has(https, id)) << id;
  }
  // Ray's own nodes and the controller keep the plain ports.
  for (const char* id : {"worker(cpu)->head dashboard", "head->worker(cpu) agent-http",
                         "controller->head raykeep", "client->head client"})
    EXPECT_TRUE(has(https, id)) << id;
}

/// The same flows with a Redis of that form on the Site.
std::vector<Flow> with_redis(spec::SiteRedis redis) {
  spec::Site site = spec::default_site();
  site.redis = std::move(redis);
  return flow_table(cluster_with({"cpu"}), site);
}

TEST(FlowTable, LetsOnlyTheHeadAndTheControllerReachRedis) {
  spec::SiteRedis managed;
  managed.form = spec::SiteRedis::Form::managed;
  managed.managed = spec::ManagedRedis{};
  int rows = 0;
  for (const Flow& flow : with_redis(managed)) {
    if (flow.to.role != Role::redis) continue;
    ++rows;
    EXPECT_TRUE(flow.id() == "head->redis redis" || flow.id() == "controller->redis redis");
    EXPECT_EQ(flow.encryption, "TLS (Redis)");
  }
  EXPECT_EQ(rows, 2);
}

TEST(FlowTable, ReachesASentinelAndTheServersThatItNames) {
  spec::SiteRedis redis;
  redis.form = spec::SiteRedis::Form::sentinel;
  redis.sentinel = spec::Sentinel{.addresses = {{"sentinel.data.svc", 26379}},
                                  .master = "m",
                                  .user = "",
                                  .password = {},
                                  .ports = {{{6379, 6379}}}};
  auto flows = with_redis(redis);
  EXPECT_TRUE(has(flows, "head->redis redis"));
  EXPECT_TRUE(has(flows, "head->redis redis-sentinel"));
}

TEST(FlowTable, HasNoRowForARedisOfWhichNobodyKnowsWhoItIs) {
  spec::SiteRedis redis;
  redis.form = spec::SiteRedis::Form::addresses;
  redis.addresses = {{"redis.bank.example", 6379}};
  for (const Flow& flow : with_redis(redis)) EXPECT_NE(flow.to.role, Role::redis) << flow.id();
  redis.peers = {spec::Peer{.name = "redis",
                            .namespace_labels = {},
                            .pod_labels = {},
                            .cidr = "10.1.0.0/16",
                            .except = {}}};
  EXPECT_TRUE(has(with_redis(redis), "head->redis redis"));
}

TEST(FlowTable, OpensLibrariesPortsBetweenWorkersAndNowhereElse) {
  spec::Site site = spec::default_site();
  site.worker_ports = {{.name = "nccl", .reason = "training", .ports = {{{20000, 20063}}}}};
  auto flows = flow_table(cluster_with({"cpu", "gpu"}), site);
  EXPECT_TRUE(has(flows, "worker(cpu)->worker(gpu) nccl"));
  EXPECT_TRUE(has(flows, "worker(gpu)->worker(gpu) nccl"));
  EXPECT_EQ(std::ranges::count(flows, "nccl", &Flow::port_name), 4);
}

TEST(FlowTable, OpensServeOverGrpcOnlyWhereADocumentDeclaresItsPort) {
  spec::Site site = spec::default_site();
  site.ingress = site.dns.servers;
  spec::RayCluster cluster = cluster_with({"cpu"});
  EXPECT_FALSE(has(flow_table(cluster, site), "ingress->worker(cpu) serve-grpc"));
  const auto pod = doc::parse_json(
      R"({"spec":{"containers":[{"name":"ray","ports":[{"name":"serve-grpc","containerPort":9000}]}]}})");
  cluster.workers[0].pod_template = pod->as_object();
  auto flows = flow_table(cluster, site);
  EXPECT_TRUE(has(flows, "ingress->worker(cpu) serve-grpc"));
  EXPECT_TRUE(has(flows, "ingress->head serve-grpc"));
}

TEST(FlowTable, WithoutWorkersIsOnlyDnsAndTheController) {
  for (const Flow& flow : flow_table(cluster_with({}), spec::default_site())) {
    EXPECT_TRUE(flow.to.role == Role::dns || flow.id() == "controller->head raykeep") << flow.id();
  }
}

TEST(FlowTable, LetsHaproxyReachReplicasOnOtherNodes) {
  auto cluster = cluster_with({"cpu", "gpu"});
  EXPECT_FALSE(
      has(flow_table(cluster, spec::default_site()), "worker(cpu)->worker(gpu) serve-replica"));
  cluster.head.pod_template = doc::parse_json(
                                  R"({"spec":{"containers":[{"name":"ray","env":[
          {"name":"RAY_SERVE_ENABLE_HA_PROXY","value":"1"},
          {"name":"RAY_SERVE_DIRECT_INGRESS_MIN_HTTP_PORT","value":"30500"}]}]}})")
                                  ->as_object();
  auto flows = flow_table(cluster, spec::default_site());
  for (const char* id :
       {"head->worker(cpu) serve-replica", "worker(cpu)->head serve-replica",
        "worker(cpu)->worker(cpu) serve-replica", "worker(gpu)->worker(cpu) serve-replica",
        "worker(cpu)->head serve-fallback"})
    EXPECT_TRUE(has(flows, id)) << id;
  EXPECT_FALSE(has(flows, "worker(cpu)->head replica-grpc"));
  auto found = std::ranges::find(flows, "worker(gpu)->worker(cpu) serve-replica", &Flow::id);
  EXPECT_EQ(found->ports, (spec::PortRange{30500, 31000}));
}

}  // namespace
}  // namespace raykeep::flow
