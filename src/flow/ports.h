// The port numbers Ray is pinned to. Ray picks random ones by default, and a random port cannot be
// in a policy. A document's own rayStartParams win over these defaults, and everything derived
// follows.
#pragma once

#include "spec/ray_cluster.h"
#include "spec/site.h"

namespace raykeep::flow {

/// What one Ray node listens on. Head-only ports are 0 for workers.
struct NodePorts {
  // Head only.
  int gcs = 0;                 // --port; Ray's autoscaler has 6379 built in
  int dashboard = 0;           // --dashboard-port
  int client = 0;              // --ray-client-server-port
  int dashboard_metrics = 0;   // env DASHBOARD_METRIC_PORT, 44227
  int autoscaler_metrics = 0;  // env AUTOSCALER_METRIC_PORT, 44217
  // Every node.
  int object_manager = 8076;         // --object-manager-port
  int node_manager = 8077;           // --node-manager-port
  int metrics = 8080;                // --metrics-export-port
  int agent_http = 52365;            // --dashboard-agent-listen-port
  int agent_grpc = 52366;            // --dashboard-agent-grpc-port
  int runtime_env = 52367;           // --runtime-env-agent-port
  int raykeep = 52370;               // the agent's probes and metrics
  spec::PortRange worker{10002, 0};  // --min-worker-port, --max-worker-port
};

/// Where the head's agent listens for Ray's GCS in Redis' place, on loopback only.
inline constexpr int redis_road_port = 6399;

/// Where a Redis that Raykeep runs listens.
inline constexpr int managed_redis_port = 6379;

/// Where Raykeep's controller answers: /livez, /readyz and /metrics.
inline constexpr int controller_port = 52371;

/// Where it signs the nodes' certificates, with tls.mode: native.
inline constexpr int signing_port = 52372;
inline constexpr const char* signer_port_name = "signer";

/// The ports of a group after its rayStartParams. The worker range is sized from the group's CPUs:
/// Ray starts up to one worker process per CPU and keeps idle ones, actors take one each; never
/// fewer than 32.
NodePorts node_ports(const spec::Group& group, bool head);

/// Of Serve's HTTP proxies, one number for all nodes (http_options.port): the head's container port
/// called "serve", as KubeRay takes it, else that of the first group that has one, else 8000.
int serve_port(const spec::RayCluster& cluster);

/// Of Serve's gRPC proxies, one number for all nodes (grpc_options.port): the container port called
/// "serve-grpc". 0 where the document declares none: Serve then opens none.
int serve_grpc_port(const spec::RayCluster& cluster);

/// Does the document ask for a Service in front of Serve's proxies? KubeRay's annotation.
bool has_serve_service(const spec::RayCluster& cluster);

/// Do its pods stand behind a Service for Serve's proxies, the cluster's own or its RayService's?
bool takes_requests(const spec::RayCluster& cluster);

/// How many CPUs Ray will be told a group has (limit, else request, rounded up; rayStartParams and
/// resources win). 0 if unknown.
std::int64_t ray_cpus(const spec::Group& group);

}  // namespace raykeep::flow
