#include "flow/flow.h"

#include <algorithm>
#include <utility>

#include "spec/storage.h"

namespace raykeep::flow {
namespace {

using spec::PortRange;
using spec::Protocol;

PortRange one(int port) { return {port, port}; }

/// How Ray's own traffic is protected on this Site. Ray's TLS covers gRPC only, a mesh covers all
/// TCP.
struct Encryption {
  std::string grpc, http;
};

Encryption encryption_of(const spec::Site& site) {
  switch (site.tls_mode) {
    case spec::TlsMode::native:
      return {"mutual TLS (Ray)", "none"};
    case spec::TlsMode::mesh:
      return {"mutual TLS (mesh)", "mutual TLS (mesh)"};
    case spec::TlsMode::none:
      break;
  }
  return {"none", "none"};
}

/// Builds the table row by row.
class Table {
 public:
  explicit Table(const spec::Site& site) : site_(site), encryption_(encryption_of(site)) {}

  void grpc(const End& from, const End& to, const char* name, PortRange ports, std::string reason) {
    add({from, to, name, ports, Protocol::tcp, encryption_.grpc, std::move(reason), {}});
  }
  void http(const End& from, const End& to, const char* name, PortRange ports, std::string reason) {
    add({from, to, name, ports, Protocol::tcp, encryption_.http, std::move(reason), {}});
  }
  /// From the outside in; no row when the Site names nobody.
  void inward(Role who, const std::vector<spec::Peer>& peers, const End& to, const char* name,
              PortRange ports, const std::string& encryption, std::string reason) {
    if (peers.empty()) return;
    add({{who, ""}, to, name, ports, Protocol::tcp, encryption, std::move(reason), peers});
  }

  /// What one Ray node asks of another, whichever way round: leases, objects, calls between
  /// processes.
  void between_nodes(const End& from, const End& to, const NodePorts& of_to) {
    grpc(from, to, "node-manager", one(of_to.node_manager),
         to.role == Role::head     ? "tasks are scheduled on the head's raylet"
         : from.role == Role::head ? "GCS checks the worker's health and leases its processes"
                                   : "tasks are scheduled on another worker's raylet");
    grpc(from, to, "object-manager", one(of_to.object_manager),
         "objects are copied from the node that holds them");
    grpc(from, to, "worker", of_to.worker,
         "processes call actors and owners of objects on the other node");
  }

  /// What every node sends out of the cluster.
  void outward(const End& from) {
    for (const spec::SitePort& port : site_.dns.ports) {
      add({from,
           {Role::dns, ""},
           port.protocol == Protocol::udp ? "dns" : "dns-tcp",
           port.range,
           port.protocol,
           "none",
           "the head is found by its Service's name",
           site_.dns.servers});
    }
    for (const spec::Egress& egress : site_.egress) {
      for (const spec::SitePort& port : egress.ports) {
        add({from,
             {Role::outside, egress.name},
             "egress",
             port.range,
             port.protocol,
             "up to the application",
             egress.reason,
             egress.to});
      }
    }
  }

  /// From the controller, which is in the cluster's own namespace if it is anywhere.
  void from_controller(const End& to, const char* name, PortRange ports, std::string encryption,
                       std::string reason) {
    spec::Peer pods{.name = "controller",
                    .namespace_labels = {},
                    .pod_labels = spec::StringMap{{"app.kubernetes.io/managed-by", "raykeep"},
                                                  {"app.kubernetes.io/name", "raykeep-controller"}},
                    .cidr = {},
                    .except = {}};
    add({{Role::controller, ""},
         to,
         name,
         ports,
         Protocol::tcp,
         std::move(encryption),
         std::move(reason),
         {std::move(pods)}});
  }

  /// From the head to what keeps its state. Where nobody knows who that is, there is no row: a rule
  /// without peers would open the way to everybody.
  void to_storage(const End& head, const spec::Storage& storage) {
    const End redis{Role::redis, ""};
    const char* reason = "the head's agent keeps the GCS' state in Redis";
    if (storage.backend == spec::Storage::Backend::managed_redis) {
      bool tls = site_.redis.managed->tls;
      const std::string encryption = tls ? "TLS (Redis)" : encryption_.http;
      add({head, redis, "redis", one(managed_redis_port), Protocol::tcp, encryption, reason, {}});
      from_controller(redis, "redis", one(managed_redis_port), encryption,
                      "before it replaces a lost head the controller asks who holds its lease");
      return;
    }
    if (storage.backend != spec::Storage::Backend::redis || storage.peers.empty()) return;
    bool mutual = !storage.tls.certificate_secret.empty() || !storage.tls_files.certificate.empty();
    std::string encryption = !storage.tls.enabled ? "none"
                             : mutual             ? "mutual TLS (Redis)"
                                                  : "TLS (Redis)";
    for (const spec::SitePort& port : storage.ports) {
      bool sentinel = storage.sentinel &&
                      std::ranges::any_of(storage.sentinel->addresses, [&](const auto& each) {
                        return one(each.port) == port.range;
                      });
      add({head, redis, sentinel ? "redis-sentinel" : "redis", port.range, port.protocol,
           encryption, sentinel ? "Sentinel says which Redis is the master" : reason,
           storage.peers});
    }
  }

  void add(Flow flow) { flows_.push_back(std::move(flow)); }
  const Encryption& encryption() const { return encryption_; }
  std::vector<Flow> take() { return std::move(flows_); }

 private:
  const spec::Site& site_;
  Encryption encryption_;
  std::vector<Flow> flows_;
};

}  // namespace

std::string_view to_string(Role role) {
  switch (role) {
    case Role::head:
      return "head";
    case Role::worker:
      return "worker";
    case Role::dns:
      return "dns";
    case Role::monitoring:
      return "monitoring";
    case Role::ingress:
      return "ingress";
    case Role::submitter:
      return "submitter";
    case Role::client:
      return "client";
    case Role::controller:
      return "controller";
    case Role::redis:
      return "redis";
    case Role::outside:
      return "outside";
  }
  return "";
}

std::string Flow::id() const {
  auto name = [](const End& end) {
    std::string text(to_string(end.role));
    return end.group.empty() ? text : text + '(' + end.group + ')';
  };
  return name(from) + "->" + name(to) + ' ' + port_name;
}

std::vector<Flow> flow_table(const spec::RayCluster& cluster, const spec::Site& site) {
  Table table(site);
  const End head{Role::head, ""};
  const NodePorts head_ports = node_ports(cluster.head, true);
  const Encryption& encryption = table.encryption();

  for (const spec::WorkerGroup& group : cluster.workers) {
    const End worker{Role::worker, group.name};
    const NodePorts worker_ports = node_ports(group, false);

    table.grpc(worker, head, "gcs-server", one(head_ports.gcs),
               "workers register with GCS, report to it and subscribe to it");
    table.between_nodes(worker, head, head_ports);
    table.http(worker, head, "dashboard", one(head_ports.dashboard),
               "agents report events; tasks use the State API and submit jobs");

    table.between_nodes(head, worker, worker_ports);
    table.http(head, worker, "agent-http", one(worker_ports.agent_http),
               "the dashboard follows the log of a job whose entrypoint runs on the worker");
    table.grpc(head, worker, "agent-grpc", one(worker_ports.agent_grpc),
               "the dashboard lists and reads the worker's logs, and profiles its processes");

    for (const spec::WorkerGroup& other : cluster.workers) {
      table.between_nodes(worker, {Role::worker, other.name}, node_ports(other, false));
    }
  }

  table.inward(Role::submitter, site.submitters, head, "dashboard", one(head_ports.dashboard),
               encryption.http, "jobs are submitted and Serve is configured through the dashboard");
  table.inward(Role::client, site.clients, head, "client", one(head_ports.client), encryption.grpc,
               "interactive programs connect with ray://");
  table.inward(Role::ingress, site.ingress, head, "serve", one(serve_port(cluster)),
               encryption.http, "requests reach Serve's proxy");
  table.inward(Role::monitoring, site.monitoring, head, "metrics", one(head_ports.metrics),
               encryption.http, "the node's metrics are scraped");
  table.inward(Role::monitoring, site.monitoring, head, "dash-metrics",
               one(head_ports.dashboard_metrics), encryption.http,
               "the dashboard's metrics are scraped");
  table.inward(Role::monitoring, site.monitoring, head, "auto-metrics",
               one(head_ports.autoscaler_metrics), encryption.http,
               "the autoscaler's metrics are scraped");
  table.inward(Role::monitoring, site.monitoring, head, "raykeep", one(head_ports.raykeep),
               encryption.http, "the agent's metrics are scraped");
  for (const spec::WorkerGroup& group : cluster.workers) {
    const End worker{Role::worker, group.name};
    const NodePorts ports = node_ports(group, false);
    table.inward(Role::ingress, site.ingress, worker, "serve", one(serve_port(cluster)),
                 encryption.http, "requests reach Serve's proxy");
    table.inward(Role::monitoring, site.monitoring, worker, "metrics", one(ports.metrics),
                 encryption.http, "the node's metrics are scraped");
    table.inward(Role::monitoring, site.monitoring, worker, "raykeep", one(ports.raykeep),
                 encryption.http, "the agent's metrics are scraped");
  }
  table.from_controller(head, "raykeep", one(head_ports.raykeep), encryption.http,
                        "the controller asks the head's agent whether it lives");
  table.to_storage(head, spec::storage_of(cluster, site));

  table.outward(head);
  for (const spec::WorkerGroup& group : cluster.workers) table.outward({Role::worker, group.name});
  return table.take();
}

}  // namespace raykeep::flow
