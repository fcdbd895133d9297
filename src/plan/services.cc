#include "plan/services.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "flow/https.h"

namespace raykeep::plan {
namespace {

doc::Object service_port(std::string_view name, std::int64_t number,
                         std::string_view protocol = "tcp") {
  return doc::Object{{"name", name},
                     {"port", number},
                     {"targetPort", number},
                     {"protocol", "TCP"},
                     {"appProtocol", protocol}};
}

bool is_https(std::string_view name) { return name.starts_with("https-"); }

/// KubeRay's rule: the named ports of the Ray container, or its five defaults; metrics always;
/// sorted by name. With tls.http outsiders use the TLS ports, and of the plain ones of HTTP only
/// the dashboard's stays, which workers need.
doc::Array head_ports(const Input& input) {
  const flow::NodePorts ports = flow::node_ports(input.cluster.head, true);
  std::map<std::string, std::int64_t> chosen;
  if (const doc::Object* container = spec::ray_container(input.cluster.head)) {
    const doc::Value* declared = container->if_contains("ports");
    if (declared != nullptr && declared->is_array()) {
      for (const doc::Value& port : declared->get_array()) {
        const doc::Value* at =
            port.is_object() ? port.get_object().if_contains("containerPort") : nullptr;
        if (at == nullptr || !at->is_number()) continue;
        auto number = at->to_number<std::int64_t>();
        std::string name(doc::find_string(port, {"name"}));
        chosen[name.empty() ? fmt::format("{}-port", number) : name] = number;
      }
    }
  }
  if (chosen.empty()) {
    chosen = {{"client", ports.client},
              {"gcs-server", ports.gcs},
              {"dashboard", ports.dashboard},
              {"metrics", ports.metrics},
              {"serve", flow::serve_port(input.cluster)}};
  }
  auto taken = [&chosen](int number) {
    return std::ranges::any_of(chosen,
                               [number](const auto& entry) { return entry.second == number; });
  };
  if (!taken(ports.metrics)) chosen.try_emplace("metrics", ports.metrics);
  // Workers find GCS by this Service: it is here even when the document's own list forgot it.
  if (!taken(ports.gcs)) chosen.try_emplace("gcs-server", ports.gcs);
  for (const flow::HttpsPort& each :
       flow::https_ports(input.cluster, input.site, input.cluster.head, true)) {
    if (each.plain != ports.dashboard)
      std::erase_if(chosen, [&](const auto& entry) { return entry.second == each.plain; });
    chosen.insert_or_assign(each.name, each.port);
  }
  doc::Array made;
  for (const auto& [name, number] : chosen)
    made.push_back(service_port(name, number, is_https(name) ? "https" : "tcp"));
  return made;
}

doc::Object head_selector(const Input& input) {
  doc::Object selector = pod_selector(input.cluster, flow::Role::head, "");
  selector[ray_identifier_label] = input.cluster.name + "-head";
  return selector;
}

}  // namespace

doc::Value head_service(const Input& input) {
  const spec::HeadGroup& head = input.cluster.head;
  doc::Object made = object(input, "v1", "Service", head_service_name(input.cluster));
  doc::Object& metadata = made["metadata"].get_object();
  doc::Object& labels = metadata["labels"].get_object();
  add_missing(labels, head_selector(input));

  doc::Object spec;
  if (head.head_service) {
    const doc::Object& given = *head.head_service;
    if (const doc::Object* own = doc::find_object(given, {"spec"})) spec = *own;
    if (const doc::Object* own = doc::find_object(given, {"metadata", "labels"}))
      add_missing(labels, *own);
    if (const doc::Object* own = doc::find_object(given, {"metadata", "annotations"})) {
      metadata["annotations"] = *own;
    }
  }
  if (!input.cluster.head_service_annotations.empty()) {
    doc::Object& annotations = object_at(metadata, "annotations");
    for (const auto& [key, value] : input.cluster.head_service_annotations)
      annotations[key] = value;
  }
  if (!spec.contains("type"))
    spec["type"] = head.service_type.empty() ? "ClusterIP" : head.service_type;
  spec["selector"] = head_selector(input);
  bool plain = spec["type"] == "ClusterIP" && !head.head_service;
  if (plain) {
    spec["clusterIP"] = "None";
    spec["publishNotReadyAddresses"] = true;
  }
  doc::Array& ports = array_at(spec, "ports");
  for (doc::Value& port : head_ports(input)) {
    bool there = std::ranges::any_of(ports, [&port](const doc::Value& own) {
      return own.is_object() &&
             (doc::find_string(own, {"name"}) == doc::find_string(port, {"name"}) ||
              own.get_object().at("port") == port.get_object().at("port"));
    });
    if (!there) ports.push_back(std::move(port));
  }
  made["spec"] = std::move(spec);
  return made;
}

doc::Object serve_selector(const std::string& cluster) {
  return {{ray_cluster_label, cluster}, {ray_is_node_label, "yes"}, {ray_serve_label, serves}};
}

doc::Array serve_ports(const Input& input) {
  const auto https = flow::https_ports(input.cluster, input.site, input.cluster.head, true);
  doc::Array made;
  auto add = [&](std::string_view name, int number) {
    auto tls = std::ranges::find(https, name, &flow::HttpsPort::plain_name);
    made.push_back(tls == https.end() ? service_port(name, number)
                                      : service_port(tls->name, tls->port, "https"));
  };
  add("serve", flow::serve_port(input.cluster));
  if (const int grpc = flow::serve_grpc_port(input.cluster); grpc != 0) add("serve-grpc", grpc);
  return made;
}

std::optional<doc::Value> serve_service(const Input& input) {
  if (!flow::has_serve_service(input.cluster)) return std::nullopt;
  doc::Object made = object(input, "v1", "Service", serve_service_name(input.cluster.name));
  made["metadata"].get_object()["labels"].get_object()[ray_serve_label] =
      input.cluster.name + "-serve";
  doc::Object spec;
  spec["type"] =
      input.cluster.head.service_type.empty() ? "ClusterIP" : input.cluster.head.service_type;
  spec["selector"] = serve_selector(input.cluster.name);
  spec["ports"] = serve_ports(input);
  made["spec"] = std::move(spec);
  return made;
}

}  // namespace raykeep::plan
