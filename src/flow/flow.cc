#include "flow/flow.h"

#include <algorithm>
#include <utility>

#include "flow/controller_flows.h"
#include "flow/direct_ingress.h"
#include "flow/encryption.h"
#include "flow/https.h"
#include "flow/mesh_flows.h"
#include "flow/outward.h"
#include "spec/start_way.h"
#include "spec/storage.h"

namespace raykeep::flow {
namespace {

using spec::PortRange;
using spec::Protocol;

PortRange one(int port) { return {port, port}; }

/// Where the kubelet asks how the node is: the agent, or without it Ray's own agent.
int probe_port(const spec::RayCluster& cluster, const spec::Group& group, bool head) {
  const NodePorts ports = node_ports(group, head);
  const bool alone = spec::start_way(cluster, group) == spec::StartWay::unsupervised;
  return alone ? ports.agent_http : ports.raykeep;
}

/// A node as others reach it.
struct Node {
  End end;
  std::vector<HttpsPort> https;
};

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

  /// The same to a port of HTTP, or to the agent's TLS port in front of it.
  void inward_http(Role who, const std::vector<spec::Peer>& peers, const Node& node,
                   const char* name, int port, std::string reason) {
    if (const HttpsPort* https = https_of(node, name)) {
      inward(who, peers, node.end, https->name.c_str(), one(https->port), https_encryption,
             std::move(reason));
    } else {
      inward(who, peers, node.end, name, one(port), encryption_.http, std::move(reason));
    }
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

  /// Ports of libraries that Ray knows nothing of, and does not encrypt.
  void libraries(const End& from, const End& to) {
    const std::string encryption =
        site_.tls_mode == spec::TlsMode::mesh ? encryption_.http : "none";
    for (const spec::WorkerPorts& entry : site_.worker_ports) {
      for (const spec::SitePort& port : entry.ports)
        add({from, to, entry.name, port.range, port.protocol, encryption, entry.reason, {}});
    }
  }

  /// From the HAProxy of each node to replicas on others, and to the head's proxy. Ray's TLS covers
  /// neither.
  void direct_ingress(const spec::RayCluster& cluster) {
    const std::optional<DirectIngress> direct = flow::direct_ingress(cluster);
    if (!direct) return;
    const bool grpc = serve_grpc_port(cluster) != 0;
    const End head{Role::head, ""};
    std::vector<End> nodes{head};
    for (const spec::WorkerGroup& group : cluster.workers)
      nodes.push_back({Role::worker, group.name});
    for (const End& from : nodes) {
      for (const End& to : nodes) {
        if (from == head && to == head) continue;
        http(from, to, "serve-replica", direct->http, "HAProxy passes requests to replicas");
        if (grpc)
          http(from, to, "replica-grpc", direct->grpc, "HAProxy passes gRPC requests to replicas");
      }
      if (from == head) continue;
      http(from, head, "serve-fallback", one(direct->fallback_http),
           "HAProxy passes requests that no replica takes to the head's Serve proxy");
      if (grpc)
        http(from, head, "fallback-grpc", one(direct->fallback_grpc),
             "HAProxy passes gRPC requests that no replica takes to the head's Serve proxy");
    }
  }

  /// What every node sends out of the cluster.
  void outward(const End& from) {
    for (Flow& flow : flows_to_dns(from, site_, "the head is found by its Service's name"))
      add(std::move(flow));
    for (Flow& flow : flows_outside(from, site_)) add(std::move(flow));
  }

  /// From the controller, which is in the cluster's own namespace if it is anywhere.
  void from_controller(const End& to, const char* name, PortRange ports, std::string encryption,
                       std::string reason) {
    add({{Role::controller, ""},
         to,
         name,
         ports,
         Protocol::tcp,
         std::move(encryption),
         std::move(reason),
         {controller_peer()}});
  }

  void from_controller_http(const Node& node, const char* name, int port, std::string reason) {
    const HttpsPort* https = https_of(node, name);
    from_controller(node.end, https ? https->name.c_str() : name, one(https ? https->port : port),
                    https ? https_encryption : encryption_.http, std::move(reason));
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
    std::string encryption = !storage.tls.enabled
                                 ? (site_.redis.in_mesh ? encryption_.http : "none")
                             : mutual ? "mutual TLS (Redis)"
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

  /// From every node to the controller, which signs its certificate.
  void to_signer(const End& from) {
    if (site_.tls_mode != spec::TlsMode::native) return;
    add({from,
         {Role::controller, ""},
         signer_port_name,
         one(signing_port),
         Protocol::tcp,
         "TLS",
         "the controller signs the node's certificate",
         {controller_peer()}});
  }

  void mesh(const spec::RayCluster& cluster) {
    std::vector<MeshPod> pods{{{Role::head, ""}, probe_port(cluster, cluster.head, true)}};
    for (const spec::WorkerGroup& group : cluster.workers)
      pods.push_back({{Role::worker, group.name}, probe_port(cluster, group, false)});
    if (spec::storage_of(cluster, site_).backend == spec::Storage::Backend::managed_redis)
      pods.push_back({{Role::redis, ""}});
    for (Flow& flow : mesh_flows(flows_, pods, site_)) add(std::move(flow));
  }

  static const HttpsPort* https_of(const Node& node, std::string_view plain_name) {
    auto found = std::ranges::find(node.https, plain_name, &HttpsPort::plain_name);
    return found == node.https.end() ? nullptr : &*found;
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
    case Role::api_server:
      return "api-server";
    case Role::mesh:
      return "mesh";
    case Role::outside:
      return "outside";
  }
  return "";
}

std::string to_string(const End& end) {
  std::string text(to_string(end.role));
  return end.group.empty() ? text : text + '(' + end.group + ')';
}

std::string Flow::id() const { return to_string(from) + "->" + to_string(to) + ' ' + port_name; }

std::vector<Flow> flow_table(const spec::RayCluster& cluster, const spec::Site& site) {
  Table table(site);
  const End head{Role::head, ""};
  const NodePorts head_ports = node_ports(cluster.head, true);
  const Encryption& encryption = table.encryption();
  const int grpc_port = serve_grpc_port(cluster);

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
      table.libraries(worker, {Role::worker, other.name});
    }
  }

  table.direct_ingress(cluster);

  const Node head_node{head, https_ports(cluster, site, cluster.head, true)};
  auto serve = [&](const Node& node) {
    table.inward_http(Role::ingress, site.ingress, node, "serve", serve_port(cluster),
                      "requests reach Serve's proxy");
    if (grpc_port != 0) {
      table.inward_http(Role::ingress, site.ingress, node, "serve-grpc", grpc_port,
                        "gRPC requests reach Serve's proxy");
    }
  };
  auto scraped = [&](const Node& node, const char* name, int port, std::string reason) {
    table.inward_http(Role::monitoring, site.monitoring, node, name, port, std::move(reason));
  };
  table.inward_http(Role::submitter, site.submitters, head_node, "dashboard", head_ports.dashboard,
                    "jobs are submitted and Serve is configured through the dashboard");
  table.inward(Role::client, site.clients, head, "client", one(head_ports.client), encryption.grpc,
               "interactive programs connect with ray://");
  serve(head_node);
  scraped(head_node, "metrics", head_ports.metrics, "the node's metrics are scraped");
  scraped(head_node, "dash-metrics", head_ports.dashboard_metrics,
          "the dashboard's metrics are scraped");
  scraped(head_node, "auto-metrics", head_ports.autoscaler_metrics,
          "the autoscaler's metrics are scraped");
  scraped(head_node, "raykeep", head_ports.raykeep, "the agent's metrics are scraped");
  for (const spec::WorkerGroup& group : cluster.workers) {
    const Node worker{{Role::worker, group.name}, https_ports(cluster, site, group, false)};
    const NodePorts ports = node_ports(group, false);
    serve(worker);
    scraped(worker, "metrics", ports.metrics, "the node's metrics are scraped");
    scraped(worker, "raykeep", ports.raykeep, "the agent's metrics are scraped");
  }
  table.from_controller(head, "raykeep", one(head_ports.raykeep), encryption.http,
                        "the controller asks the head's agent whether it lives");
  if (!cluster.service.empty())
    table.from_controller_http(head_node, "dashboard", head_ports.dashboard,
                               "the controller tells Serve what to run, and asks how it is");
  if (takes_requests(cluster)) {
    for (const spec::WorkerGroup& group : cluster.workers)
      table.from_controller({Role::worker, group.name}, "raykeep",
                            one(node_ports(group, false).raykeep), encryption.http,
                            "the controller asks whether the worker's Serve proxy takes requests");
  }
  table.to_storage(head, spec::storage_of(cluster, site));

  table.to_signer(head);
  for (const spec::WorkerGroup& group : cluster.workers)
    table.to_signer({Role::worker, group.name});
  table.outward(head);
  for (const spec::WorkerGroup& group : cluster.workers) table.outward({Role::worker, group.name});
  table.mesh(cluster);
  return table.take();
}

}  // namespace raykeep::flow
