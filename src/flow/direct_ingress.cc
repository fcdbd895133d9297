#include "flow/direct_ingress.h"

#include <string_view>

#include "doc/json.h"
#include "flow/port_number.h"

namespace raykeep::flow {
namespace {

std::string_view variable(const spec::Group& group, std::string_view name) {
  const doc::Object* container = spec::ray_container(group);
  const doc::Array* variables = container ? doc::find_array(*container, {"env"}) : nullptr;
  if (variables == nullptr) return {};
  for (const doc::Value& each : *variables) {
    if (doc::find_string(each, {"name"}) == name) return doc::find_string(each, {"value"});
  }
  return {};
}

std::string_view variable(const spec::RayCluster& cluster, std::string_view name) {
  std::string_view value = variable(cluster.head, name);
  for (const spec::Group& group : cluster.workers) {
    if (value.empty()) value = variable(group, name);
  }
  return value;
}

int port(const spec::RayCluster& cluster, std::string_view name, int otherwise) {
  return port_number(variable(cluster, name), otherwise);
}

}  // namespace

std::optional<DirectIngress> direct_ingress(const spec::RayCluster& cluster) {
  if (variable(cluster, "RAY_SERVE_ENABLE_HA_PROXY") != "1") return std::nullopt;
  DirectIngress made;
  made.http.first = port(cluster, "RAY_SERVE_DIRECT_INGRESS_MIN_HTTP_PORT", made.http.first);
  made.http.last = port(cluster, "RAY_SERVE_DIRECT_INGRESS_MAX_HTTP_PORT", made.http.last);
  made.grpc.first = port(cluster, "RAY_SERVE_DIRECT_INGRESS_MIN_GRPC_PORT", made.grpc.first);
  made.grpc.last = port(cluster, "RAY_SERVE_DIRECT_INGRESS_MAX_GRPC_PORT", made.grpc.last);
  made.fallback_http = port(cluster, "RAY_SERVE_FALLBACK_PROXY_HTTP_PORT", made.fallback_http);
  made.fallback_grpc = port(cluster, "RAY_SERVE_FALLBACK_PROXY_GRPC_PORT", made.fallback_grpc);
  return made;
}

bool calls_replicas_on_random_ports(const spec::RayCluster& cluster) {
  const std::string_view said = variable(cluster, "RAY_SERVE_USE_GRPC_BY_DEFAULT");
  const bool optimized = variable(cluster, "RAY_SERVE_THROUGHPUT_OPTIMIZED") == "1";
  return said == "1" || (optimized && said.empty());
}

}  // namespace raykeep::flow
