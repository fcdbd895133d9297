// What a mesh adds to the table: the proxies' way to their control plane, the one port through
// which they talk to each other, and what they change about probes and metrics.
//
// The rows of Ray's own ports stay: Istio's sidecars keep the port of the application, and peers
// outside of the mesh that its own policy lets in use it in every mesh.
#pragma once

#include <vector>

#include "flow/flow.h"

namespace raykeep::flow {

/// A pod of ours that the mesh takes in.
struct MeshPod {
  End end;
  int probe_port = 0;  // which the kubelet asks; 0: it asks none over the network
};

/// The rows to add to `flows`, the rows of those pods. None without a mesh.
///
/// Ports: Istio 15012 (certificates and routes), 15008 (HBONE, ambient), 15020 (merged metrics);
/// ambient's probes come from 169.254.7.127 (istio.io, "Ambient and Kubernetes NetworkPolicy").
/// Linkerd 4143 (inbound, since 2.18 in place of the application's port: linkerd2 issue 15246),
/// 8080, 8086 and 8090 (identity, destination, policy), 4191 (admin).
std::vector<Flow> mesh_flows(const std::vector<Flow>& flows, const std::vector<MeshPod>& pods,
                             const spec::Site& site);

/// The ports that a mesh's proxies need for themselves in a pod: Istio 15000-15090 ("Application
/// Requirements"), Linkerd 4140, 4143, 4190 and 4191. None without a proxy in the pod.
std::vector<spec::PortRange> ports_of_proxies(spec::Mesh mesh);

}  // namespace raykeep::flow
