// Serve's HAProxy mode (RAY_SERVE_ENABLE_HA_PROXY=1): on each node HAProxy
// takes the requests in the place of Serve's own proxy and passes them to ports that the replicas
// open, on whatever node they are; where there is no replica, to a Serve proxy on the head. Source:
// Ray 2.60, python/ray/serve/_private/constants.py and haproxy.py.
#pragma once

#include <optional>

#include "spec/peer.h"
#include "spec/ray_cluster.h"

namespace raykeep::flow {

/// What HAProxy connects to on other nodes.
struct DirectIngress {
  spec::PortRange http{30000, 31000};  // of replicas
  spec::PortRange grpc{40000, 41000};  // of replicas, where Serve takes gRPC requests
  int fallback_http = 8500;            // of the proxy on the head
  int fallback_grpc = 9500;
};

/// The ports after the variables of the head's container, else of the first group's that sets them.
/// Absent where HAProxy is off.
std::optional<DirectIngress> direct_ingress(const spec::RayCluster& cluster);

/// Do deployments call each other by gRPC of their own, on ports that each replica takes at random?
/// So it is with RAY_SERVE_USE_GRPC_BY_DEFAULT=1, and with RAY_SERVE_THROUGHPUT_OPTIMIZED=1 unless
/// the former says 0.
bool calls_replicas_on_random_ports(const spec::RayCluster& cluster);

}  // namespace raykeep::flow
