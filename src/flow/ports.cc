#include "flow/ports.h"

#include <algorithm>
#include <string>

#include "doc/json.h"
#include "flow/port_number.h"
#include "spec/quantity.h"
#include "spec/validate.h"

namespace raykeep::flow {
namespace {

/// A port from rayStartParams, or the default.
int pinned(const spec::Group& group, const char* param, int otherwise) {
  auto it = group.start_params.find(param);
  return it == group.start_params.end() ? otherwise : port_number(it->second, otherwise);
}

std::int64_t amount(std::string_view text) {
  auto quantity = spec::parse_quantity(text);
  return quantity ? std::max<std::int64_t>(0, quantity->ceil()) : 0;
}

/// "1500m", or 2 where YAML's author left out the quotes; empty when absent.
std::string cpu_of(const doc::Object& container, std::string_view section) {
  const doc::Value* cpu = doc::find(container, {"resources", section, "cpu"});
  if (cpu == nullptr) return {};
  return cpu->is_string() ? std::string(cpu->get_string()) : doc::write_json(*cpu);
}

/// The Ray container's port of that name; 0 if there is none.
int declared_port(const spec::Group& group, std::string_view name) {
  const doc::Object* container = spec::ray_container(group);
  const doc::Array* ports = container ? doc::find_array(*container, {"ports"}) : nullptr;
  if (ports == nullptr) return 0;
  for (const doc::Value& port : *ports) {
    const doc::Value* number = doc::find(port, {"containerPort"});
    if (doc::find_string(port, {"name"}) == name && number != nullptr && number->is_int64())
      return static_cast<int>(number->get_int64());
  }
  return 0;
}

/// The head's, else that of the first group that has one; 0 if none has.
int declared_port(const spec::RayCluster& cluster, std::string_view name) {
  int port = declared_port(cluster.head, name);
  for (const spec::Group& group : cluster.workers) {
    if (port == 0) port = declared_port(group, name);
  }
  return port;
}

}  // namespace

int serve_port(const spec::RayCluster& cluster) {
  int port = declared_port(cluster, "serve");
  return port == 0 ? 8000 : port;
}

int serve_grpc_port(const spec::RayCluster& cluster) {
  return declared_port(cluster, "serve-grpc");
}

bool has_serve_service(const spec::RayCluster& cluster) {
  auto asked = cluster.annotations.find("ray.io/enable-serve-service");
  return asked != cluster.annotations.end() && asked->second == "true";
}

bool takes_requests(const spec::RayCluster& cluster) {
  return has_serve_service(cluster) || !cluster.service.empty();
}

std::int64_t ray_cpus(const spec::Group& group) {
  for (const auto& [name, quantity] : group.resources) {
    if (name == "CPU" || name == "cpu" || name == "Cpu") return amount(quantity);
  }
  if (auto it = group.start_params.find("num-cpus"); it != group.start_params.end()) {
    if (auto whole = spec::whole_number(it->second)) return *whole;
    return amount(it->second);
  }
  const doc::Object* container = spec::ray_container(group);
  if (container == nullptr) return 0;
  const std::string limit = cpu_of(*container, "limits");
  return amount(limit.empty() ? cpu_of(*container, "requests") : limit);
}

NodePorts node_ports(const spec::Group& group, bool head) {
  NodePorts ports;
  if (head) {
    ports.gcs = pinned(group, "port", 6379);
    ports.dashboard = pinned(group, "dashboard-port", 8265);
    ports.client = pinned(group, "ray-client-server-port", 10001);
    ports.dashboard_metrics = 44227;
    ports.autoscaler_metrics = 44217;
  }
  ports.object_manager = pinned(group, "object-manager-port", ports.object_manager);
  ports.node_manager = pinned(group, "node-manager-port", ports.node_manager);
  ports.metrics = pinned(group, "metrics-export-port", ports.metrics);
  ports.agent_http = pinned(group, "dashboard-agent-listen-port", ports.agent_http);
  ports.agent_grpc = pinned(group, "dashboard-agent-grpc-port", ports.agent_grpc);
  ports.runtime_env = pinned(group, "runtime-env-agent-port", ports.runtime_env);

  // Four to a CPU: Serve replicas and actors commonly ask for fractions of one, and each is a
  // process with a port.
  int width = static_cast<int>(std::clamp<std::int64_t>(4 * ray_cpus(group), 32, 10'000));
  ports.worker.first = pinned(group, "min-worker-port", 10002);
  ports.worker.last =
      std::min(65535, pinned(group, "max-worker-port", ports.worker.first + width - 1));
  return ports;
}

}  // namespace raykeep::flow
