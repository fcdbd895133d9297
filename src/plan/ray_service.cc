#include "plan/ray_service.h"

#include <algorithm>

#include "doc/document.h"
#include "plan/route.h"
#include "plan/services.h"

namespace raykeep::plan {
namespace {

constexpr std::size_t hash_length = spec::cluster_suffix_length - 1;

/// The service with part of its workers.
spec::RayService scaled(spec::RayService service, int capacity) {
  if (capacity >= 100) return service;
  // Which follows from the replicas where the document does not say it.
  service.document["spec"].as_object()["excludeHeadPodFromServeSvc"] =
      service.cluster.serves_without_head;
  doc::Value& config = service.document["spec"].as_object()["rayClusterConfig"];
  doc::Value* groups = config.as_object().if_contains("workerGroupSpecs");
  if (groups == nullptr || !groups->is_array()) return service;
  for (std::size_t i = 0; i < service.cluster.workers.size(); ++i) {
    const std::int64_t all = service.cluster.workers[i].replicas;
    const std::int64_t part = (all * capacity + 99) / 100;
    doc::Object& group = groups->get_array().at(i).as_object();
    group["replicas"] = part;
    group["minReplicas"] = std::min<std::int64_t>(service.cluster.workers[i].min_replicas, part);
  }
  return service;
}

doc::Object service_labels(const spec::RayService& service) {
  doc::Object labels{{managed_by_label, managed_by},
                     {spec::origin_name_label, service.name},
                     {spec::origin_kind_label, spec::ray_service_kind}};
  add_missing(labels, to_object(service.labels));
  return labels;
}

doc::Value owner(const spec::RayService& service, const spec::Site& site, const std::string& ns) {
  doc::Object data{{document_key, doc::write_yaml(doc::Value(service.document))}};
  if (!site.document.empty()) data[site_key] = doc::write_yaml(doc::Value(site.document));
  return doc::Object{{"apiVersion", "v1"},
                     {"kind", "ConfigMap"},
                     {"metadata", doc::Object{{"name", service_owner_name(service.name)},
                                              {"namespace", ns},
                                              {"labels", service_labels(service)}}},
                     {"data", std::move(data)}};
}

void move_in_front(doc::Object& object, const spec::RayService& service, std::string name) {
  doc::Object& metadata = object["metadata"].as_object();
  metadata["name"] = std::move(name);
  metadata["labels"] = service_labels(service);
}

doc::Value front_head(const spec::RayService& service, const Input& input) {
  doc::Value made = head_service(input);
  const doc::Object labels = made.at("metadata").at("labels").as_object();
  move_in_front(made.as_object(), service, head_service_name(service.name));
  // The user's own, from headService.
  doc::Object& kept = made.as_object()["metadata"].as_object()["labels"].as_object();
  for (const auto& label : labels) {
    const std::string_view key = label.key();
    if (key != cluster_label && !key.starts_with("ray.io/") && !kept.contains(key))
      kept[key] = label.value();
  }
  return made;
}

doc::Value front_serve(const spec::RayService& service, const Input& input, bool mixed) {
  doc::Object made = object(input, "v1", "Service", "");
  move_in_front(made, service, serve_service_name(service.name));
  doc::Object& metadata = made["metadata"].as_object();
  doc::Object& labels = metadata["labels"].as_object();
  labels[ray_serve_label] = service.name + "-serve";
  doc::Object spec;
  if (service.serve_service) {
    const doc::Object& given = *service.serve_service;
    if (const doc::Object* own = doc::find_object(given, {"spec"})) spec = *own;
    if (const doc::Object* own = doc::find_object(given, {"metadata", "labels"}))
      add_missing(labels, *own);
    if (const doc::Object* own = doc::find_object(given, {"metadata", "annotations"}))
      metadata["annotations"] = *own;
    if (std::string_view name = doc::find_string(given, {"metadata", "name"}); !name.empty())
      metadata["name"] = name;
  }
  if (!spec.contains("type"))
    spec["type"] =
        input.cluster.head.service_type.empty() ? "ClusterIP" : input.cluster.head.service_type;
  doc::Object selector = serve_selector(input.cluster.name);
  if (mixed) {
    selector.erase(ray_cluster_label);
    selector[spec::origin_name_label] = service.name;
    selector[spec::origin_kind_label] = spec::ray_service_kind;
  }
  spec["selector"] = std::move(selector);
  doc::Array& ports = array_at(spec, "ports");
  for (doc::Value& port : serve_ports(input)) {
    const bool there = std::ranges::any_of(ports, [&port](const doc::Value& own) {
      return doc::find_string(own, {"name"}) == doc::find_string(port, {"name"});
    });
    if (!there) ports.push_back(std::move(port));
  }
  made["spec"] = std::move(spec);
  return made;
}

/// Their Redis password is in one Secret, which the RayService's own document refers to.
std::vector<PlannedSecret> secrets_of(const Plan& under_its_name) {
  std::vector<PlannedSecret> made;
  for (const PlannedSecret& each : under_its_name.secrets) {
    if (each.kind == PlannedSecret::Kind::document_password) made.push_back(each);
  }
  return made;
}

std::string name_from(const spec::RayService& service, const Plan& under_its_name) {
  std::string pods;
  for (const doc::Value& object : under_its_name.objects) {
    const std::string_view kind = doc::find_string(object, {"kind"});
    if (kind != "StatefulSet" && kind != "Deployment") continue;
    pods += doc::find_string(object, {"metadata", "name"});
    if (const doc::Value* made = doc::find(object, {"spec", "template"}))
      pods += doc::write_json(*made);
  }
  return service.name + '-' + content_hash(pods).substr(0, hash_length);
}

}  // namespace

std::string cluster_name(const spec::RayService& service, const spec::Site& site,
                         const PlanOptions& options) {
  return name_from(service,
                   plan(service.cluster, site, {.ns = options.ns, .generation = "", .token = ""}));
}

ServicePlan plan_service(const spec::RayService& service, const spec::Site& site,
                         const PlanOptions& options) {
  ServicePlan made;
  const Plan under_its_name =
      plan(service.cluster, site, {.ns = options.ns, .generation = "", .token = ""});
  made.ns = under_its_name.ns;
  made.service = service.name;
  made.cluster = name_from(service, under_its_name);
  made.secrets = secrets_of(under_its_name);
  made.cluster_plan = plan_cluster(service, site, options, made.cluster, 100);
  made.owner = owner(service, site, made.ns);
  made.findings = made.cluster_plan.findings;
  return made;
}

Plan plan_cluster(const spec::RayService& service, const spec::Site& site,
                  const PlanOptions& options, const std::string& cluster, int capacity) {
  Plan made = plan(spec::cluster_named(scaled(service, capacity), cluster), site, options);
  doc::Object& owner_object = made.objects.front().as_object();
  object_at(owner_object, "data")[service_key] = doc::write_yaml(doc::Value(service.document));
  object_at(owner_object["metadata"].as_object(), "annotations")[capacity_annotation] =
      std::to_string(capacity);
  return made;
}

std::vector<doc::Value> front_services(const spec::RayService& service, const spec::Site& site,
                                       const std::string& ns, const std::string& cluster,
                                       bool mixed) {
  const spec::RayCluster made = spec::cluster_named(service, cluster);
  const std::vector<flow::Flow> no_flows;
  const spec::Storage no_storage;
  const std::string no_name;
  const Input input{made, site, ns, no_flows, no_storage, no_name, false};
  std::vector<doc::Value> all{front_head(service, input), front_serve(service, input, mixed)};
  if (std::optional<doc::Object> route = front_route(service, site, ns, all[1].as_object())) {
    (*route)["metadata"].as_object()["labels"] = service_labels(service);
    object_at(all[1].as_object()["metadata"].as_object(), "annotations")[route_annotation] =
        content_hash(doc::write_json(doc::Value(*route)));
    all.push_back(std::move(*route));
  }
  return all;
}

}  // namespace raykeep::plan
