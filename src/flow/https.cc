#include "flow/https.h"

namespace raykeep::flow {

bool HttpsPort::is_for_users(std::string_view name) {
  return name == "https-dashboard" || name == "https-serve" || name == "https-grpc";
}

HttpsPort dashboard_https_port() {
  return {.name = "https-dashboard", .port = 52380, .plain_name = "dashboard", .plain = 8265};
}

std::vector<HttpsPort> https_ports(const spec::RayCluster& cluster, const spec::Site& site,
                                   const spec::Group& group, bool head) {
  if (!site.tls_http) return {};
  const NodePorts ports = node_ports(group, head);
  std::vector<HttpsPort> made;
  auto add = [&made](const char* name, int port, const char* plain_name, int plain) {
    made.push_back({.name = name, .port = port, .plain_name = plain_name, .plain = plain});
  };
  if (head) {
    made.push_back(dashboard_https_port());
    made.back().plain = ports.dashboard;
  }
  add("https-serve", 52381, "serve", serve_port(cluster));
  if (const int grpc = serve_grpc_port(cluster); grpc != 0) {
    add("https-grpc", 52382, "serve-grpc", grpc);
    made.back().http2 = true;
  }
  add("https-metrics", 52383, "metrics", ports.metrics);
  if (head) {
    add("https-dash-met", 52384, "dash-metrics", ports.dashboard_metrics);
    add("https-auto-met", 52385, "auto-metrics", ports.autoscaler_metrics);
  }
  add("https-raykeep", 52386, "raykeep", ports.raykeep);
  return made;
}

}  // namespace raykeep::flow
