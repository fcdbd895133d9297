#include "plan/route.h"

#include <algorithm>

namespace raykeep::plan {
namespace {

constexpr std::string_view service_word = "{service}";

std::string host_of(const spec::SiteRoute& route, const std::string& service) {
  std::string host = route.host;
  if (const std::size_t at = host.find(service_word); at != host.npos)
    host.replace(at, service_word.size(), service);
  return host;
}

doc::Object ingress_spec(const spec::SiteRoute& route, const std::string& host,
                         std::string_view service, const doc::Value& port) {
  doc::Object backend{{"service", doc::Object{{"name", service},
                                              {"port", doc::Object{{"name", port.at("name")}}}}}};
  doc::Object path{{"path", route.path}, {"pathType", "Prefix"}, {"backend", std::move(backend)}};
  doc::Object rule{{"http", doc::Object{{"paths", doc::Array{std::move(path)}}}}};
  if (!host.empty()) rule["host"] = host;
  doc::Object made{{"rules", doc::Array{std::move(rule)}}};
  if (!route.ingress_class.empty()) made["ingressClassName"] = route.ingress_class;
  if (!route.tls_secret.empty())
    made["tls"] =
        doc::Array{doc::Object{{"hosts", doc::Array{host}}, {"secretName", route.tls_secret}}};
  return made;
}

doc::Object http_route_spec(const spec::SiteRoute& route, const std::string& host,
                            std::string_view service, const doc::Value& port) {
  const std::size_t slash = route.gateway.find('/');
  doc::Object parent{
      {"name", slash == route.gateway.npos ? route.gateway : route.gateway.substr(slash + 1)}};
  if (slash != route.gateway.npos) parent["namespace"] = route.gateway.substr(0, slash);
  doc::Object match{{"path", doc::Object{{"type", "PathPrefix"}, {"value", route.path}}}};
  doc::Object rule{
      {"matches", doc::Array{std::move(match)}},
      {"backendRefs", doc::Array{doc::Object{{"name", service}, {"port", port.at("port")}}}}};
  doc::Object made{{"parentRefs", doc::Array{std::move(parent)}},
                   {"rules", doc::Array{std::move(rule)}}};
  if (!host.empty()) made["hostnames"] = doc::Array{host};
  return made;
}

/// The router ends TLS, or passes it on where the pods end it themselves.
doc::Object openshift_spec(const spec::SiteRoute& route, const std::string& host,
                           std::string_view service, const doc::Value& port) {
  const bool is_https = doc::find_string(port, {"appProtocol"}) == "https";
  doc::Object made{
      {"to", doc::Object{{"kind", "Service"}, {"name", service}, {"weight", 100}}},
      {"port", doc::Object{{"targetPort", port.at("name")}}},
      {"tls", doc::Object{{"termination", is_https ? "passthrough" : "edge"},
                          {"insecureEdgeTerminationPolicy", is_https ? "None" : "Redirect"}}},
      {"wildcardPolicy", "None"}};
  if (!host.empty()) made["host"] = host;
  if (route.path != "/" && !is_https) made["path"] = route.path;
  return made;
}

}  // namespace

std::optional<doc::Object> front_route(const spec::RayService& service, const spec::Site& site,
                                       const std::string& ns, const doc::Object& serve) {
  const spec::SiteRoute& route = site.route;
  if (route.kind.empty()) return std::nullopt;
  const std::string host = host_of(route, service.name);
  const std::string_view to = doc::find_string(serve, {"metadata", "name"});
  const doc::Value& port = serve.at("spec").at("ports").at(0);
  doc::Object made;
  if (route.kind == "Ingress") {
    made = {{"apiVersion", "networking.k8s.io/v1"}, {"kind", "Ingress"}};
    made["spec"] = ingress_spec(route, host, to, port);
  } else if (route.kind == "HTTPRoute") {
    made = {{"apiVersion", "gateway.networking.k8s.io/v1"}, {"kind", "HTTPRoute"}};
    made["spec"] = http_route_spec(route, host, to, port);
  } else {
    made = {{"apiVersion", "route.openshift.io/v1"}, {"kind", "Route"}};
    made["spec"] = openshift_spec(route, host, to, port);
  }
  doc::Object metadata{{"name", to}, {"namespace", ns}};
  if (!route.annotations.empty()) metadata["annotations"] = to_object(route.annotations);
  made["metadata"] = std::move(metadata);
  return made;
}

}  // namespace raykeep::plan
