#include "flow/controller_flows.h"

#include <utility>

#include "flow/encryption.h"
#include "flow/https.h"
#include "flow/mesh_flows.h"
#include "flow/outward.h"
#include "spec/storage.h"

namespace raykeep::flow {
namespace {

using spec::PortRange;
using spec::SitePort;

constexpr const char* api_server_reason =
    "the controller watches its namespace and carries out what it decides";
constexpr const char* redis_reason =
    "before it replaces a lost head the controller asks who holds its lease";

End controller() { return {Role::controller, ""}; }

spec::Peer address(std::string name, std::string cidr) {
  return {.name = std::move(name),
          .namespace_labels = {},
          .pod_labels = {},
          .cidr = std::move(cidr),
          .except = {}};
}

/// Pods of Raykeep's, of whichever cluster.
spec::Peer our_pods(const char* type) {
  return {
      .name = type,
      .namespace_labels = {},
      .pod_labels =
          spec::StringMap{{"app.kubernetes.io/managed-by", "raykeep"}, {"ray.io/node-type", type}},
      .cidr = {},
      .except = {},
  };
}

std::vector<int> ports_or(int port, std::vector<int> otherwise) {
  return port == 0 ? std::move(otherwise) : std::vector<int>{port};
}

class ControllerTable {
 public:
  explicit ControllerTable(const spec::Site& site) : site_(site) {}

  void to(End end, const char* name, int port, const std::string& encryption, const char* reason,
          std::vector<spec::Peer> peers) {
    rows_.push_back({.from = controller(),
                     .to = std::move(end),
                     .port_name = name,
                     .ports = {port, port},
                     .encryption = encryption,
                     .reason = reason,
                     .peers = std::move(peers)});
  }

  void to_api_server(const std::vector<OutsideAddress>& named) {
    const spec::ApiServer& of_site = site_.api_server;
    std::vector<OutsideAddress> addresses = named;
    if (named.empty()) {
      for (const std::string& cidr : of_site.addresses) addresses.push_back({cidr, of_site.port});
    }
    for (const OutsideAddress& each : addresses) {
      for (int port : ports_or(each.port, {443, 6443})) {
        to({Role::api_server, each.cidr}, "kube-api", port, "TLS", api_server_reason,
           {address("api-server", each.cidr)});
      }
    }
    if (!addresses.empty()) return;
    for (int port : ports_or(of_site.port, {443, 6443})) {
      to({Role::api_server, ""}, "kube-api", port, "TLS", api_server_reason, {});
      rows_.back().administrator = of_site.administrator;
      rows_.back().anyone = !of_site.administrator;
    }
  }

  /// The Site's own Redis, as a document that says nothing gets it.
  void to_site_redis() {
    const spec::Storage storage = spec::storage_of(spec::RayCluster{}, site_);
    if (storage.backend != spec::Storage::Backend::redis || storage.peers.empty()) return;
    for (const SitePort& port : storage.ports) {
      rows_.push_back({.from = controller(),
                       .to = {Role::redis, "site"},
                       .port_name = "redis",
                       .ports = port.range,
                       .protocol = port.protocol,
                       .encryption = storage.tls.enabled   ? "TLS (Redis)"
                                     : site_.redis.in_mesh ? encryption_of(site_).http
                                                           : "none",
                       .reason = redis_reason,
                       .peers = storage.peers});
    }
  }

  void add(Flow flow) { rows_.push_back(std::move(flow)); }
  std::vector<Flow>& rows() { return rows_; }

 private:
  const spec::Site& site_;
  std::vector<Flow> rows_;
};

}  // namespace

spec::Peer controller_peer() {
  return {.name = "controller",
          .namespace_labels = {},
          .pod_labels = spec::StringMap{{"app.kubernetes.io/managed-by", "raykeep"},
                                        {"app.kubernetes.io/name", "raykeep-controller"}},
          .cidr = {},
          .except = {}};
}

std::vector<Flow> controller_flows(const spec::Site& site, const ControllerEnds& ends) {
  ControllerTable table(site);
  const std::string http = encryption_of(site).http;
  for (Flow& flow : flows_to_dns(controller(), site, "Redis is found by its name"))
    table.add(std::move(flow));
  table.to_api_server(ends.api_server);
  table.to({Role::head, ""}, "raykeep", NodePorts{}.raykeep, http,
           "the controller asks the head's agent whether it lives", {our_pods("head")});
  const HttpsPort dashboard = dashboard_https_port();
  table.to({Role::head, ""}, site.tls_http ? dashboard.name.c_str() : "dashboard",
           site.tls_http ? dashboard.port : dashboard.plain,
           site.tls_http ? https_encryption : http,
           "the controller tells a RayService's Serve what to run, and asks how it is",
           {our_pods("head")});
  table.to({Role::worker, ""}, "raykeep", NodePorts{}.raykeep, http,
           "the controller asks whether the worker's Serve proxy takes requests",
           {our_pods("worker")});
  table.to({Role::redis, ""}, "redis", managed_redis_port, "TLS (Redis)", redis_reason,
           {our_pods("redis")});
  table.to_site_redis();
  for (const OutsideAddress& each : ends.redis) {
    for (int port : ports_or(each.port, {managed_redis_port}))
      table.to({Role::redis, each.cidr}, "redis", port, "up to the Redis", redis_reason,
               {address("redis", each.cidr)});
  }
  if (site.tls_mode == spec::TlsMode::native) {
    for (const char* type : {"head", "worker"}) {
      table.add({.from = {type == std::string_view("head") ? Role::head : Role::worker, ""},
                 .to = controller(),
                 .port_name = signer_port_name,
                 .ports = {signing_port, signing_port},
                 .encryption = "TLS",
                 .reason = "the controller signs the node's certificate",
                 .peers = {our_pods(type)}});
    }
  }
  if (!site.monitoring.empty()) {
    table.add({.from = {Role::monitoring, ""},
               .to = controller(),
               .port_name = "raykeep",
               .ports = {controller_port, controller_port},
               .encryption = http,
               .reason = "the controller's metrics are scraped",
               .peers = site.monitoring});
  }
  for (Flow& flow : mesh_flows(table.rows(), {{controller(), controller_port}}, site))
    table.add(std::move(flow));
  return std::move(table.rows());
}

}  // namespace raykeep::flow
