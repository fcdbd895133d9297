#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "base/text.h"
#include "doc/document.h"
#include "flow/mesh_flows.h"
#include "plan/mesh.h"
#include "plan/mesh_fit.h"
#include "plan/port_list.h"

namespace raykeep::plan {
namespace {

using spec::Mesh;
using spec::PortRange;

bool is(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::ranges::find(words, text) != words.end();
}

/// One workload's template under the Site's mesh.
class PodFit {
 public:
  PodFit(const Input& input, const doc::Value& workload)
      : input_(input),
        workload_(workload),
        place_(place_of(input, workload)),
        end_(end_of(workload)),
        pod_(mesh_pod(input, end_)) {}

  Findings all() {
    foreign();
    switch (input_.site.mesh) {
      case Mesh::istio_sidecar:
        sidecar();
        break;
      case Mesh::istio_ambient:
        ambient();
        break;
      case Mesh::linkerd:
        linkerd();
        break;
      case Mesh::none:
        break;
    }
    users();
    container_ports();
    ray_tls();
    init_containers();
    return std::move(findings_);
  }

 private:
  static flow::End end_of(const doc::Value& workload) {
    auto label = [&](std::string_view key) {
      return doc::find_string(workload, {"metadata", "labels", key});
    };
    const std::string_view type = label(ray_node_type_label);
    if (type == "head") return {flow::Role::head, ""};
    if (type == "worker") return {flow::Role::worker, std::string(label(ray_group_label))};
    return {flow::Role::redis, ""};
  }

  std::string_view meta(const char* list, const char* key) const {
    return doc::find_string(workload_, {"spec", "template", "metadata", list, key});
  }
  std::string_view label(const char* key) const { return meta("labels", key); }
  std::string_view annotation(const char* key) const { return meta("annotations", key); }

  /// Who wrote it: the document's template, else the Site.
  std::string said_in(const char* list, const char* key) const {
    const spec::Group* group = nullptr;
    if (end_.role == flow::Role::head) group = &input_.cluster.head;
    for (const spec::Group& each : input_.cluster.workers) {
      if (end_.role == flow::Role::worker && each.name == end_.group) group = &each;
    }
    const bool document =
        group != nullptr && (doc::find(group->pod_template, {"metadata", list, key}) != nullptr ||
                             (std::string_view(list) == "labels" && group->labels.contains(key)));
    return document ? fmt::format("{}.template.metadata.{}.{}", place_, list, key)
                    : fmt::format("spec.pods.{}.{}", list, key);
  }

  void add(Severity severity, const char* code, std::string path, std::string what,
           std::string remedy) {
    findings_.push_back({severity, code, {}, std::move(path), std::move(what), std::move(remedy)});
  }

  /// Labels and annotations of the meshes that are not the Site's.
  void foreign() {
    struct Word {
      const char* list;
      const char* key;
      std::initializer_list<std::string_view> values;
      Mesh of;
    };
    for (const Word& word :
         {Word{"labels", "sidecar.istio.io/inject", {"true"}, Mesh::istio_sidecar},
          Word{"annotations", "sidecar.istio.io/inject", {"true"}, Mesh::istio_sidecar},
          Word{"labels", "istio.io/dataplane-mode", {"ambient"}, Mesh::istio_ambient},
          Word{"annotations", "linkerd.io/inject", {"enabled", "ingress"}, Mesh::linkerd}}) {
      if (word.of == input_.site.mesh || !is(meta(word.list, word.key), word.values)) continue;
      add(Severity::error, mesh_code::other_mesh, said_in(word.list, word.key),
          "the pod asks for another mesh than the Site's", "remove it");
    }
  }

  void left_out(const char* list, const char* key, std::initializer_list<std::string_view> values) {
    if (!is(meta(list, key), values)) return;
    add(Severity::error, mesh_code::left_out, said_in(list, key),
        "it keeps the pod out of the mesh, and the Site's tls.mode is mesh", "remove it");
  }

  void excluded(const char* key, const std::vector<PortRange>& of_ray) {
    for (const PortRange& out : parse_port_list(annotation(key))) {
      auto hit = std::ranges::find_if(of_ray, [&](const PortRange& r) { return overlap(r, out); });
      if (hit == of_ray.end()) continue;
      add(Severity::error, mesh_code::excluded_port, said_in("annotations", key),
          fmt::format("{} is a port of Ray's, which would go past the proxy, unencrypted",
                      spec::to_string(*hit)),
          "take it out");
      return;
    }
  }

  /// What the pod dials in pods that are in the mesh.
  std::vector<PortRange> dialled() const {
    std::vector<PortRange> made;
    for (const flow::Flow& flow : input_.flows) {
      const bool in_mesh = flow.to.role == flow::Role::head || flow.to.role == flow::Role::worker;
      if (flow.from == end_ && in_mesh && !flow.of_mesh) made.push_back(flow.ports);
    }
    return made;
  }

  void sidecar() {
    constexpr auto* out_ports = "traffic.sidecar.istio.io/excludeOutboundPorts";
    left_out("labels", "sidecar.istio.io/inject", {"false"});
    left_out("annotations", "sidecar.istio.io/inject", {"false"});
    if (annotation("sidecar.istio.io/interceptionMode") == "NONE")
      add(Severity::error, mesh_code::no_interception,
          said_in("annotations", "sidecar.istio.io/interceptionMode"),
          "NONE redirects nothing to the proxy: Ray's traffic is not encrypted", "remove it");
    excluded("traffic.sidecar.istio.io/excludeInboundPorts", pod_.ports);
    excluded(out_ports, dialled());
    included();
    if (first_missing(annotation(out_ports), pod_.own_tls))
      add(Severity::warning, mesh_code::redis_intercepted, said_in("annotations", out_ports),
          "Redis' own TLS goes through the proxy", "add the port of the Redis");
    if (annotation("sidecar.istio.io/rewriteAppHTTPProbers") != "true")
      add(Severity::error, mesh_code::probes_in_clear,
          said_in("annotations", "sidecar.istio.io/rewriteAppHTTPProbers"),
          "the kubelet's probes reach a pod that takes no plaintext", "remove it");
    proxy_config();
  }

  void included() {
    constexpr auto* key = "traffic.sidecar.istio.io/includeInboundPorts";
    const std::string_view text = annotation(key);
    const std::optional<PortRange> port = first_missing(text, pod_.ports);
    if (text.empty() || !port) return;
    add(Severity::error, mesh_code::excluded_port, said_in("annotations", key),
        fmt::format("{} is not in the list, and would go past the proxy, unencrypted",
                    spec::to_string(*port)),
        "remove the annotation");
  }

  void proxy_config() {
    constexpr auto* key = "proxy.istio.io/config";
    auto read = doc::read_yaml(std::string(annotation(key)), key);
    const doc::Value config = read.documents.empty() ? doc::Value() : read.documents[0].value;
    const doc::Value* hold = doc::find(config, {"holdApplicationUntilProxyStarts"});
    if (hold == nullptr || *hold != doc::Value(true))
      add(Severity::warning, mesh_code::late_proxy, said_in("annotations", key),
          "holdApplicationUntilProxyStarts is not true: where the sidecar is an ordinary "
          "container, Ray may start before it",
          "write holdApplicationUntilProxyStarts: true");
    const bool waits =
        doc::find_string(config, {"proxyMetadata", "EXIT_ON_ZERO_ACTIVE_CONNECTIONS"}) == "true" ||
        doc::find(config, {"terminationDrainDuration"}) != nullptr;
    if (!waits)
      add(Severity::warning, mesh_code::early_end, said_in("annotations", key),
          "where the sidecar is an ordinary container, it ends after five seconds, in the middle "
          "of a node's drain",
          "write proxyMetadata: {EXIT_ON_ZERO_ACTIVE_CONNECTIONS: \"true\"}");
  }

  void ambient() {
    left_out("labels", "istio.io/dataplane-mode", {"none"});
    constexpr auto* key = "ambient.istio.io/bypass-inbound-capture";
    if (annotation(key) == "true")
      add(Severity::error, mesh_code::no_interception, said_in("annotations", key),
          "what comes in goes past ztunnel, unencrypted", "remove it");
  }

  void linkerd() {
    left_out("annotations", "linkerd.io/inject", {"disabled"});
    excluded("config.linkerd.io/skip-inbound-ports", pod_.ports);
    excluded("config.linkerd.io/skip-outbound-ports", dialled());
    constexpr auto* policy = "config.linkerd.io/default-inbound-policy";
    if (!is(annotation(policy), {"all-authenticated", "cluster-authenticated", "deny"}))
      add(Severity::error, mesh_code::takes_plaintext, said_in("annotations", policy),
          fmt::format("{} lets unencrypted clients in", quoted(annotation(policy))), "remove it");
    constexpr auto* opaque = "config.linkerd.io/opaque-ports";
    if (auto port = first_missing(annotation(opaque), pod_.ports))
      add(Severity::warning, mesh_code::detected_protocol, said_in("annotations", opaque),
          fmt::format("{} is not among them", spec::to_string(*port)), "remove the annotation");
  }

  const doc::Array& containers(const char* list) const {
    static const doc::Array none;
    const doc::Array* found = doc::find_array(workload_, {"spec", "template", "spec", list});
    return found == nullptr ? none : *found;
  }

  void users() {
    std::optional<int> proxy;
    if (input_.site.mesh == Mesh::istio_sidecar) proxy = 1337;
    if (input_.site.mesh == Mesh::linkerd) proxy = 2102;
    if (!proxy) return;
    auto report = [&](const doc::Value* user, const std::string& path) {
      if (user == nullptr || *user != doc::Value(*proxy)) return;
      add(Severity::error, mesh_code::user_of_proxy, path,
          fmt::format("user {} is the proxy's: what it sends is not encrypted", *proxy),
          "choose another user");
    };
    report(doc::find(workload_, {"spec", "template", "spec", "securityContext", "runAsUser"}),
           input_.site.pods.run_as_user == *proxy ? "spec.pods.runAsUser"
                                                  : place_ + ".template.spec.securityContext");
    for (const char* list : {"initContainers", "containers"}) {
      for (const doc::Value& container : containers(list))
        report(doc::find(container, {"securityContext", "runAsUser"}),
               fmt::format("{}.template.spec.{}", place_, list));
    }
  }

  void container_ports() {
    for (const doc::Value& container : containers("containers")) {
      const doc::Array* ports = doc::find_array(container, {"ports"});
      for (const doc::Value& each : ports ? *ports : doc::Array{}) {
        const doc::Value* number = doc::find(each, {"containerPort"});
        if (number == nullptr || !number->is_int64()) continue;
        const int port = static_cast<int>(number->get_int64());
        if (covers(pod_.ports, {port, port})) continue;  // the flow table's, said of it already
        for (const PortRange& taken : flow::ports_of_proxies(input_.site.mesh)) {
          if (!overlap({port, port}, taken)) continue;
          add(Severity::error, mesh_code::port_of_proxy, place_ + ".template.spec.containers",
              fmt::format("port {} is among the proxy's own, {}", port, spec::to_string(taken)),
              "choose another port");
        }
      }
    }
  }

  void ray_tls() {
    for (const doc::Value& container : containers("containers")) {
      const doc::Array* variables = doc::find_array(container, {"env"});
      for (const doc::Value& variable : variables ? *variables : doc::Array{}) {
        if (doc::find_string(variable, {"name"}) != "RAY_USE_TLS" ||
            is(doc::find_string(variable, {"value"}), {"", "0", "false"}))
          continue;
        add(Severity::warning, mesh_code::encrypted_twice, place_ + ".template.spec.containers.env",
            "RAY_USE_TLS turns Ray's own TLS on inside of the mesh's", "remove it");
      }
    }
  }

  /// The agent's init container copies a file and calls nobody.
  void init_containers() {
    if (input_.site.mesh == Mesh::istio_ambient) return;
    for (const doc::Value& container : containers("initContainers")) {
      const std::string_view name = doc::find_string(container, {"name"});
      if (name == "raykeep-agent") continue;
      const bool native = input_.site.mesh_native_sidecar;
      add(native ? Severity::notice : Severity::warning, mesh_code::init_without_network,
          place_ + ".template.spec.initContainers",
          fmt::format("{} has no network where the mesh's proxy is an ordinary container{}", name,
                      native ? ", as in meshes without native sidecars" : ""),
          "do what needs the network in the container itself");
    }
  }

  const Input& input_;
  const doc::Value& workload_;
  std::string place_;
  flow::End end_;
  MeshPod pod_;
  Findings findings_;
};

}  // namespace

Findings mesh_fit_pod(const Input& input, const doc::Value& workload) {
  return PodFit(input, workload).all();
}

}  // namespace raykeep::plan
