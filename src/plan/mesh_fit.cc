#include "plan/mesh_fit.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/text.h"
#include "flow/mesh_flows.h"
#include "flow/ports.h"
#include "plan/mesh.h"
#include "plan/port_list.h"

namespace raykeep::plan {
namespace {

using spec::Mesh;

// Istio's Ray users saw every pod of a small cluster end for want of memory with 10,000 ports and a
// handful of pods (ray-project/kuberay#1005).
constexpr std::int64_t many = 2'000, too_many = 20'000;

class Fit {
 public:
  explicit Fit(const Input& input) : input_(input) {}

  /// Istio makes a listener for each pod and declared port in each of the cluster's proxies.
  void listeners(const std::vector<doc::Value>& services) {
    if (services.empty()) return;
    std::int64_t pods = 1;
    for (const spec::WorkerGroup& group : input_.cluster.workers)
      pods += group.replicas * group.num_of_hosts;
    const auto ports =
        static_cast<std::int64_t>(doc::find_array(services.front(), {"spec", "ports"})->size());
    const std::int64_t estimate = pods * ports;
    if (estimate <= many) return;
    add(estimate > too_many ? Severity::error : Severity::warning, mesh_code::many_listeners,
        "spec.workerGroupSpecs",
        fmt::format("{} pods with {} ports are some {} listeners in each sidecar", pods, ports,
                    estimate),
        "narrow min-worker-port and max-worker-port of the groups, or use Istio's ambient mode");
  }

  void redis() {
    const spec::Storage& storage = input_.storage;
    if (storage.backend == spec::Storage::Backend::managed_redis && input_.site.redis.managed->tls)
      add(Severity::notice, mesh_code::encrypted_twice, "spec.redis.managed.tls",
          "the way to the cluster's Redis is encrypted by Redis and by the mesh",
          "write tls: false there, and the mesh's encryption remains");
    if (storage.backend != spec::Storage::Backend::redis || storage.ports.empty()) return;
    if (input_.site.redis.in_mesh && storage.tls.enabled)
      add(Severity::notice, mesh_code::encrypted_twice, "spec.redis.tls",
          "the way to Redis is encrypted by Redis and by the mesh",
          "turn one of them off, or keep both on purpose");
    if (!input_.site.redis.in_mesh && !storage.tls.enabled)
      add(Severity::warning, mesh_code::redis_in_clear, "spec.redis",
          "the Redis is outside of the mesh and has no TLS: the password and the state cross the "
          "network in clear",
          "give Redis a TLS of its own, or write inMesh: true where its pods are in the mesh");
  }

  /// The proxies' own ports are nobody else's.
  void ports() {
    for (const flow::Flow& flow : input_.flows) {
      const bool ours = flow.to.role == flow::Role::head || flow.to.role == flow::Role::worker;
      if (!ours || flow.of_mesh || flow.protocol != spec::Protocol::tcp) continue;
      for (const spec::PortRange& taken : flow::ports_of_proxies(input_.site.mesh)) {
        if (!overlap(flow.ports, taken)) continue;
        add(Severity::error, mesh_code::port_of_proxy, flow::to_string(flow.to),
            fmt::format("{} {} is among the proxy's own ports, {}", flow.port_name,
                        spec::to_string(flow.ports), spec::to_string(taken)),
            "choose another port");
      }
    }
  }

  void libraries() {
    for (const spec::WorkerPorts& entry : input_.site.worker_ports) {
      const bool udp = std::ranges::any_of(entry.ports, [](const spec::SitePort& port) {
        return port.protocol == spec::Protocol::udp;
      });
      if (udp)
        add(Severity::warning, mesh_code::udp_in_clear, "spec.workerPorts",
            fmt::format("{} uses UDP, which no mesh encrypts", entry.name),
            "use TCP, or encrypt the network between the nodes");
    }
  }

  /// One port with two protocols in two Services: Istio serves one of them wrongly.
  void services(const std::vector<doc::Value>& objects) {
    if (input_.site.mesh != Mesh::istio_sidecar) return;
    for (const doc::Value& object : objects) {
      if (doc::find_string(object, {"kind"}) != "Service") continue;
      const doc::Array* ports = doc::find_array(object, {"spec", "ports"});
      for (const doc::Value& port : ports ? *ports : doc::Array{}) {
        const std::string protocol = protocol_of(port);
        if (protocol.empty()) continue;
        add(Severity::error, mesh_code::other_protocol, "spec.headGroupSpec.headService",
            fmt::format("port {} of Service {} is {}, and Ray is called by address, as TCP",
                        doc::find_string(port, {"name"}),
                        doc::find_string(object, {"metadata", "name"}), protocol),
            "write appProtocol: tcp");
      }
    }
  }

  void add(Severity severity, const char* code, std::string path, std::string what,
           std::string remedy) {
    Finding made{severity, code, {}, std::move(path), std::move(what), std::move(remedy)};
    if (std::ranges::find(findings_, made) == findings_.end()) findings_.push_back(std::move(made));
  }
  void add(Findings more) {
    for (Finding& each : more)
      add(each.severity, each.code.c_str(), std::move(each.path), std::move(each.what),
          std::move(each.remedy));
  }
  Findings take() { return std::move(findings_); }

 private:
  /// What Istio takes a port for, where that is not TCP: by appProtocol, else by the name's first
  /// part (istio.io, "Protocol Selection").
  static std::string protocol_of(const doc::Value& port) {
    constexpr std::array known{"http",
                               "http2",
                               "https",
                               "grpc",
                               "grpc-web",
                               "mongo",
                               "mysql",
                               "redis",
                               "tls",
                               "kubernetes.io/h2c",
                               "kubernetes.io/ws",
                               "kubernetes.io/wss"};
    std::string_view said = doc::find_string(port, {"appProtocol"});
    std::string_view name = doc::find_string(port, {"name"});
    std::string word(said.empty() ? name.starts_with("grpc-web") ? "grpc-web"
                                                                 : name.substr(0, name.find('-'))
                                  : said);
    return std::ranges::find(known, word) == known.end() ? "" : word;
  }

  const Input& input_;
  Findings findings_;
};

}  // namespace

const std::vector<MeshCode>& mesh_codes() {
  static const std::vector<MeshCode> codes{
      {mesh_code::many_listeners,
       "many listeners. Istio's sidecars keep one for each pod and each declared port of the "
       "cluster; too many take their memory. Narrow the groups' worker ports, or use ambient."},
      {mesh_code::late_proxy,
       "a proxy that may start after Ray. Without holdApplicationUntilProxyStarts, on a mesh whose "
       "sidecars are ordinary containers, Ray's first calls fail. Write it into "
       "proxy.istio.io/config, or leave that annotation to Raykeep."},
      {mesh_code::early_end,
       "a proxy that may end before Ray. While a node drains, its calls go through the proxy: "
       "EXIT_ON_ZERO_ACTIVE_CONNECTIONS or terminationDrainDuration keep it alive."},
      {mesh_code::excluded_port,
       "a port of Ray's that the proxy does not see. It would be plaintext, and in a STRICT mesh "
       "refused. Take it out of the annotation."},
      {mesh_code::no_interception,
       "nothing is redirected to the proxy, so nothing is encrypted. Remove the annotation."},
      {mesh_code::left_out,
       "a pod that is not in the mesh, although the Site's tls.mode is mesh: in a STRICT mesh "
       "nobody hears it. Remove the label or annotation."},
      {mesh_code::redis_in_clear,
       "a Redis that neither the mesh nor its own TLS protects. Use one of them; inMesh says that "
       "its pods are in the mesh."},
      {mesh_code::redis_intercepted,
       "Redis' own TLS through the proxy. A mesh that wants its own TLS towards every server "
       "resets "
       "it, one that lists its servers drops it. Add the port to excludeOutboundPorts, or leave "
       "that annotation to Raykeep."},
      {mesh_code::encrypted_twice,
       "encryption inside of the mesh's. It costs twice and protects once; native TLS beside a "
       "mesh also wants certificates that nobody makes."},
      {mesh_code::port_of_proxy, "a port that the mesh's proxy needs itself. Choose another."},
      {mesh_code::user_of_proxy,
       "the proxy's own user. What runs as that user is not redirected to the proxy, so it is not "
       "encrypted. Choose another."},
      {mesh_code::other_protocol,
       "a Service says another protocol than TCP for a port. Istio then looks for a Host in what "
       "is called by address, and may serve the same port of another Service wrongly."},
      {mesh_code::probes_in_clear,
       "the kubelet's probes in plaintext. It is not in the mesh, and a STRICT pod refuses it: "
       "leave rewriteAppHTTPProbers alone."},
      {mesh_code::init_without_network,
       "an init container of the document. Where the proxy is an ordinary container, it starts "
       "later, and init containers reach nobody. Native sidecars start before."},
      {mesh_code::other_mesh,
       "a label or annotation of another mesh than the Site's. Two meshes in a pod take each "
       "other's traffic. Remove it."},
      {mesh_code::takes_plaintext,
       "Linkerd would let unencrypted clients in. Leave default-inbound-policy to Raykeep, or "
       "write one that wants authenticated clients."},
      {mesh_code::detected_protocol,
       "ports on which Linkerd waits up to ten seconds for a client's first bytes, because they "
       "are not opaque. Ray keeps idle connections. Leave opaque-ports to Raykeep."},
      {mesh_code::udp_in_clear, "UDP, which meshes carry past their proxies unencrypted."},
  };
  return codes;
}

std::string place_of(const Input& input, const doc::Value& workload) {
  auto label = [&](std::string_view key) {
    return doc::find_string(workload, {"metadata", "labels", key});
  };
  const std::string_view type = label(ray_node_type_label);
  if (type == "head") return "spec.headGroupSpec";
  for (std::size_t i = 0; i < input.cluster.workers.size(); ++i) {
    if (type == "worker" && input.cluster.workers[i].name == label(ray_group_label))
      return fmt::format("spec.workerGroupSpecs[{}]", i);
  }
  return "";
}

Findings mesh_fit(const Input& input, const std::vector<doc::Value>& objects) {
  if (input.site.mesh == Mesh::none) return {};
  Fit fit(input);
  fit.listeners(mesh_services(input));
  fit.ports();
  fit.redis();
  fit.libraries();
  fit.services(objects);
  for (const doc::Value& object : objects) {
    if (doc::find(object, {"spec", "template"}) != nullptr) fit.add(mesh_fit_pod(input, object));
  }
  return fit.take();
}

}  // namespace raykeep::plan
