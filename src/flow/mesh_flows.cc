#include "flow/mesh_flows.h"

#include <algorithm>
#include <utility>

namespace raykeep::flow {
namespace {

using spec::Mesh;

constexpr const char* ambient_probes = "169.254.7.127/32";

struct Port {
  const char* name;
  int number;
};

/// Builds the rows one after the other.
class MeshTable {
 public:
  MeshTable(const std::vector<MeshPod>& pods, const spec::Site& site) : pods_(pods), site_(site) {}

  /// One port between the proxies of each two that talk at all.
  void tunnels(const std::vector<Flow>& flows, int port) {
    for (const Flow& flow : flows) {
      if (flow.protocol != spec::Protocol::tcp || flow.anyone || flow.to.role == Role::dns ||
          flow.to.role == Role::api_server || !are_pods(flow.peers))
        continue;
      const bool known = std::ranges::any_of(
          rows_, [&](const Flow& other) { return other.from == flow.from && other.to == flow.to; });
      if (known) continue;
      add(flow.from, flow.to, {"mesh", port}, encrypted,
          "the proxies of the two pods talk through this port", flow.peers);
    }
  }

  void control_plane(std::initializer_list<Port> ports) {
    for (const MeshPod& pod : pods_) {
      for (const Port& port : ports) {
        add(pod.end, {Role::mesh, ""}, port, encrypted,
            "the proxy gets its certificate, its routes and its rules", site_.mesh_control_plane);
      }
    }
  }

  void metrics(int port) {
    if (site_.monitoring.empty()) return;
    for (const MeshPod& pod : pods_) {
      add({Role::monitoring, ""}, pod.end, {"mesh-metrics", port}, "none",
          "the proxy's metrics are scraped", site_.monitoring);
    }
  }

  void probes() {
    const spec::Peer from{.name = "probes",
                          .namespace_labels = {},
                          .pod_labels = {},
                          .cidr = ambient_probes,
                          .except = {}};
    for (const MeshPod& pod : pods_) {
      if (pod.probe_port == 0) continue;
      add({Role::mesh, "probes"}, pod.end, {"probe", pod.probe_port}, "none",
          "the kubelet's probes arrive from the mesh's own address", {from});
    }
  }

  std::vector<Flow> take() { return std::move(rows_); }

 private:
  static constexpr const char* encrypted = "mutual TLS (mesh)";

  /// Addresses and names are of what runs outside of the mesh.
  static bool are_pods(const std::vector<spec::Peer>& peers) {
    return std::ranges::all_of(
        peers, [](const spec::Peer& peer) { return peer.cidr.empty() && peer.fqdn.empty(); });
  }

  void add(End from, End to, Port port, const char* encryption, const char* reason,
           std::vector<spec::Peer> peers) {
    rows_.push_back({.from = std::move(from),
                     .to = std::move(to),
                     .port_name = port.name,
                     .ports = {port.number, port.number},
                     .encryption = encryption,
                     .reason = reason,
                     .peers = std::move(peers),
                     .of_mesh = true});
  }

  const std::vector<MeshPod>& pods_;
  const spec::Site& site_;
  std::vector<Flow> rows_;
};

}  // namespace

std::vector<spec::PortRange> ports_of_proxies(spec::Mesh mesh) {
  if (mesh == Mesh::istio_sidecar) return {{15000, 15090}};
  if (mesh == Mesh::linkerd) return {{4140, 4140}, {4143, 4143}, {4190, 4191}};
  return {};
}

std::vector<Flow> mesh_flows(const std::vector<Flow>& flows, const std::vector<MeshPod>& pods,
                             const spec::Site& site) {
  MeshTable table(pods, site);
  switch (site.mesh) {
    case Mesh::none:
      break;
    case Mesh::istio_sidecar:
      table.control_plane({{"istiod", 15012}});
      table.metrics(15020);
      break;
    case Mesh::istio_ambient:  // the node's ztunnel talks to the control plane
      table.tunnels(flows, 15008);
      table.probes();
      break;
    case Mesh::linkerd:
      table.tunnels(flows, 4143);
      table.control_plane(
          {{"identity", 8080}, {"destination", 8086}, {"policy", 8090}, {"mesh", 4143}});
      table.metrics(4191);
      break;
  }
  return table.take();
}

}  // namespace raykeep::flow
