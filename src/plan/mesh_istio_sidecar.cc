// Istio with sidecars (istio.io, "Application Requirements", "Traffic routing"; Istio 1.31).
#include <map>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "flow/flow.h"
#include "plan/mesh.h"

namespace raykeep::plan {
namespace {

/// The proxy before the containers, where it is no init container; and after them: while the agent
/// drains its node, the proxy must carry what Ray still has to say. The proxy ends when no
/// connection is left.
constexpr std::string_view proxy_config =
    "holdApplicationUntilProxyStarts: true\n"
    "proxyMetadata: {EXIT_ON_ZERO_ACTIVE_CONNECTIONS: \"true\"}\n";

std::string joined(const std::vector<spec::PortRange>& ports) {
  std::string text;
  for (const spec::PortRange& range : ports) {
    for (int port = range.first; port <= range.last; ++port)
      text += fmt::format("{}{}", text.empty() ? "" : ",", port);
  }
  return text;
}

/// Every TCP port that somebody dials in a pod of the cluster, by number, with the row's name.
std::map<int, std::string> declared(const Input& input) {
  std::map<int, std::string> ports;
  for (const flow::Flow& flow : input.flows) {
    const bool into_ray = flow.to.role == flow::Role::head || flow.to.role == flow::Role::worker;
    if (!into_ray || flow.protocol != spec::Protocol::tcp || flow.of_mesh) continue;
    const bool range = flow.ports.first != flow.ports.last;
    for (int port = flow.ports.first; port <= flow.ports.last; ++port)
      ports.try_emplace(
          port, range ? fmt::format("tcp-{}-{}", flow.port_name, port) : "tcp-" + flow.port_name);
  }
  return ports;
}

/// Istio takes the protocol from appProtocol and from the name's first part; both say TCP, which is
/// found by address and port. HTTP would be found by a Host that Ray does not send.
doc::Array service_ports(const Input& input) {
  std::map<std::string, int> names;
  doc::Array made;
  for (const auto& [port, name] : declared(input)) {
    const bool taken = !names.emplace(name, port).second;  // groups that pin a port differently
    made.push_back(doc::Object{{"name", taken ? fmt::format("{}-{}", name, port) : name},
                               {"port", port},
                               {"targetPort", port},
                               {"protocol", "TCP"},
                               {"appProtocol", "tcp"}});
  }
  return made;
}

}  // namespace

void join_istio_sidecar(const spec::Site& site, const MeshPod& pod, doc::Object& metadata) {
  doc::Object labels{{"sidecar.istio.io/inject", "true"}};
  if (!site.mesh_revision.empty()) labels["istio.io/rev"] = site.mesh_revision;
  add_missing(object_at(metadata, "labels"), labels);

  doc::Object annotations;
  annotations["proxy.istio.io/config"] = proxy_config;
  annotations["sidecar.istio.io/nativeSidecar"] = site.mesh_native_sidecar ? "true" : "false";
  // The kubelet is not in the mesh: its questions go to the sidecar's agent, which asks ours.
  annotations["sidecar.istio.io/rewriteAppHTTPProbers"] = "true";
  if (!pod.own_tls.empty())
    annotations["traffic.sidecar.istio.io/excludeOutboundPorts"] = joined(pod.own_tls);
  add_missing(object_at(metadata, "annotations"), annotations);
}

std::vector<doc::Value> mesh_services(const Input& input) {
  if (input.site.mesh != spec::Mesh::istio_sidecar) return {};
  doc::Object made = object(input, "v1", "Service", nodes_service_name(input.cluster.name));
  // What every other namespace's proxies need not know: pods times ports listeners.
  made["metadata"].get_object()["annotations"] = doc::Object{{"networking.istio.io/exportTo", "."}};
  doc::Object selector{{ray_cluster_label, input.cluster.name}, {ray_is_node_label, "yes"}};
  made["spec"] = doc::Object{{"type", "ClusterIP"},
                             {"clusterIP", "None"},
                             {"publishNotReadyAddresses", true},
                             {"selector", std::move(selector)},
                             {"ports", service_ports(input)}};
  return {doc::Value(std::move(made))};
}

}  // namespace raykeep::plan
