#include "plan/site_fit.h"

#include <fmt/format.h>

#include "flow/direct_ingress.h"
#include "flow/https.h"
#include "spec/start_way.h"

namespace raykeep::plan {
namespace {

using Fault = spec::Storage::Fault;

// The StatefulSet controller's label controller-revision-hash=<c>-redis-<hash>, up to 10
// characters.
constexpr std::size_t longest_name_with_redis = 63 - std::string_view("-redis-").size() - 10;

/// The place in the document, or in the Site, that says where the state is kept.
std::string storage_path(const Input& input) {
  const spec::FaultTolerance& wished = input.cluster.fault_tolerance;
  if (wished.by_options) return "spec.gcsFaultToleranceOptions";
  return wished.addresses.empty() ? "spec.redis" : "metadata.annotations";
}

template <class Add>
void storage_fit(const Input& input, const Add& add) {
  const Fault fault = input.storage.fault;
  if (fault == Fault::no_redis) {
    add(Severity::error, no_redis, storage_path(input),
        "the head is to keep its state in Redis, and neither the document nor the Site names one",
        "write redisAddress, or give the Site a redis; redis: {managed: {}} lets Raykeep run one");
  }
  if (fault == Fault::annotation_only) {
    add(Severity::warning, memory_only, "metadata.annotations",
        "ft-enabled without a Redis: the head's state stays in its memory, as in KubeRay",
        "set RAY_REDIS_ADDRESS on the head, or give the Site a redis");
  }
  if (fault == Fault::unknown_peers) {
    add(Severity::warning, unknown_redis, storage_path(input),
        "the address of the Redis does not say which pods or networks the policy must let the head "
        "reach, so it will not reach them",
        "name them in the Site: redis.peers, or an egress entry");
  }
  if (fault == Fault::guessed_peers) {
    add(Severity::notice, any_pod_is_redis, storage_path(input),
        "the head may reach every pod of the Redis' namespace on its port",
        "name the pods in the Site's redis.peers");
  }
  if (input.storage.backend == spec::Storage::Backend::managed_redis &&
      input.cluster.name.size() > longest_name_with_redis) {
    add(Severity::error, name_too_long, "metadata.name",
        fmt::format("the name has {} characters; at most {} leave room for the labels of the "
                    "cluster's Redis",
                    input.cluster.name.size(), longest_name_with_redis),
        "shorten it");
  }
}

/// The agent's ports, which no document can move.
template <class Add>
void agent_fit(const Input& input, const Add& add) {
  const bool agent =
      spec::start_way(input.cluster, input.cluster.head) != spec::StartWay::unsupervised;
  if (input.storage.is_redis() && !agent) {
    add(Severity::warning, no_fence, "spec.headGroupSpec",
        "without the agent Ray talks to Redis itself: it ends when Redis is away for two seconds, "
        "and "
        "nothing keeps a lost head from writing",
        "take --block out of the command");
  }
  if (!input.storage.is_redis() || !agent) return;
  const flow::NodePorts ports = flow::node_ports(input.cluster.head, true);
  const int road = flow::redis_road_port;
  for (int port :
       {ports.gcs, ports.dashboard, ports.client, ports.object_manager, ports.node_manager,
        ports.metrics, ports.agent_http, ports.agent_grpc, ports.runtime_env}) {
    if (port != road) continue;
    add(Severity::error, port_of_road, "spec.headGroupSpec.rayStartParams",
        fmt::format("port {} is the agent's, for Redis", road), "choose another");
  }
  if (ports.worker.holds(road)) {
    add(Severity::error, port_of_road, "spec.headGroupSpec.rayStartParams",
        fmt::format("port {} is the agent's, for Redis, and among the worker ports", road),
        "keep it outside");
  }
}

/// The agent's TLS ports, which no document can move either.
template <class Add>
void https_fit(const Input& input, const Add& add) {
  auto look_at = [&](const spec::Group& group, bool head, const std::string& path) {
    const flow::NodePorts ports = flow::node_ports(group, head);
    for (const flow::HttpsPort& each : flow::https_ports(input.cluster, input.site, group, head)) {
      bool taken = ports.worker.holds(each.port);
      for (int port :
           {ports.gcs, ports.dashboard, ports.client, ports.object_manager, ports.node_manager,
            ports.metrics, ports.agent_http, ports.agent_grpc, ports.runtime_env,
            flow::serve_port(input.cluster), flow::serve_grpc_port(input.cluster)}) {
        taken |= port == each.port;
      }
      if (!taken) continue;
      add(Severity::error, port_of_road, path + ".rayStartParams",
          fmt::format("port {} is the agent's, for TLS ({})", each.port, each.name),
          "choose another");
    }
  };
  look_at(input.cluster.head, true, "spec.headGroupSpec");
  for (std::size_t i = 0; i < input.cluster.workers.size(); ++i)
    look_at(input.cluster.workers[i], false, fmt::format("spec.workerGroupSpecs[{}]", i));
}

/// Ray's own TLS: each node's certificate is got by the agent.
template <class Add>
void native_fit(const Input& input, const Add& add) {
  auto look_at = [&](const spec::Group& group, const std::string& path) {
    const doc::Array* containers = doc::find_array(group.pod_template, {"spec", "containers"});
    if (containers == nullptr || containers->empty()) return;
    const doc::Array* variables = doc::find_array(containers->front(), {"env"});
    for (std::size_t i = 0; variables != nullptr && i < variables->size(); ++i) {
      const std::string_view name = doc::find_string((*variables)[i], {"name"});
      if (name != "RAY_USE_TLS" && !name.starts_with("RAY_TLS_")) continue;
      add(Severity::warning, own_tls, path,
          fmt::format("the document sets {}, and the Site's tls.mode: native replaces it", name),
          "take it out of the document");
    }
    if (spec::start_way(input.cluster, group) != spec::StartWay::unsupervised) return;
    add(Severity::error, no_certificate, path,
        "without the agent the node gets no certificate for tls.mode: native",
        "take --block out of the command, or write tls.mode: none or mesh");
  };
  if (input.site.tls_mode != spec::TlsMode::native) return;
  look_at(input.cluster.head, "spec.headGroupSpec");
  for (std::size_t i = 0; i < input.cluster.workers.size(); ++i)
    look_at(input.cluster.workers[i], fmt::format("spec.workerGroupSpecs[{}]", i));
}

/// What Serve's switches open between nodes.
template <class Add>
void serve_fit(const Input& input, const Add& add) {
  const std::string path = "spec.headGroupSpec.template.spec.containers[0].env";
  if (input.site.tls_mode == spec::TlsMode::native && flow::direct_ingress(input.cluster)) {
    add(Severity::warning, plain_haproxy, path,
        "with RAY_SERVE_ENABLE_HA_PROXY requests pass between nodes in the clear: Ray's own TLS "
        "does "
        "not cover them",
        "leave Serve's own proxy on, or let a mesh encrypt (tls.mode: mesh)");
  }
  if (flow::calls_replicas_on_random_ports(input.cluster)) {
    add(Severity::warning, random_ports, path,
        "deployments would call each other by gRPC on random ports, which no policy lets through",
        "write RAY_SERVE_USE_GRPC_BY_DEFAULT: \"0\"");
  }
}

}  // namespace

Findings site_fit(const Input& input) {
  Findings findings;
  auto add = [&](Severity severity, const char* code, std::string path, std::string what,
                 std::string remedy) {
    findings.push_back({severity, code, {}, std::move(path), std::move(what), std::move(remedy)});
  };
  if (input.ns.empty()) {
    add(Severity::error, no_namespace, "metadata.namespace", "no namespace is given",
        "write metadata.namespace or pass --namespace");
  }
  native_fit(input, add);
  https_fit(input, add);
  serve_fit(input, add);
  if (!input.token) {
    add(Severity::warning, no_token, "spec.authOptions",
        "Ray runs without token authentication: whoever reaches a port of it runs code in it",
        "use Ray 2.52 or newer, say so in spec.rayVersion, and leave authOptions.mode at token");
  }
  if (std::size_t size = doc::write_json(doc::Value(input.cluster.document)).size();
      size > 900'000) {
    add(Severity::error, document_too_big, "",
        fmt::format("the document has {} bytes and does not fit into a ConfigMap of 1 MiB", size),
        "move large values into ConfigMaps of their own and mount them");
  }
  if (!input.site.end_port) {
    for (const spec::WorkerGroup& group : input.cluster.workers) {
      const auto range = flow::node_ports(group, false).worker;
      if (range.last - range.first < 1000) continue;
      add(Severity::warning, many_ports, fmt::format("group {}", group.name),
          fmt::format("{} worker ports are written one by one into each policy",
                      range.last - range.first + 1),
          "narrow min-worker-port and max-worker-port, or set networkPolicy.endPort if the "
          "enforcer knows ranges");
    }
  }
  if (input.site.registry.empty() &&
      input.site.raykeep_image == spec::default_site().raykeep_image) {
    add(Severity::notice, no_registry, "spec.images",
        fmt::format("the image {} is nobody's: nodes must have it already",
                    input.site.raykeep_image),
        "name your registry in the Site's images.registry, or the image in images.raykeep");
  }
  storage_fit(input, add);
  agent_fit(input, add);
  return findings;
}

}  // namespace raykeep::plan
