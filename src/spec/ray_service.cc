#include "spec/ray_service.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/duration.h"
#include "base/text.h"
#include "spec/reader.h"
#include "spec/serve_config.h"
#include "spec/shape.h"
#include "spec/validate.h"

namespace raykeep::spec {
namespace {

constexpr std::size_t longest_cluster_name = 47;  // validate_metadata.cc
constexpr std::size_t longest_name = longest_cluster_name - cluster_suffix_length;
constexpr const char* timeout_annotation = "ray.io/initializing-timeout";
constexpr const char* cluster_pointer = "/spec/rayClusterConfig";
constexpr std::string_view cluster_path = "spec.rayClusterConfig";

bool check_kind(const Cursor& root) {
  if (!root || !root.value().is_object() || root["kind"].text() != ray_service_kind) {
    root.report("RK2006", "the document is no RayService", "begin it with kind: RayService");
    return false;
  }
  return true;
}

/// "spec.headGroupSpec" of the cluster is "spec.rayClusterConfig.headGroupSpec" of the service.
void add_findings(Findings& to, Findings from) {
  for (Finding& each : from) {
    if (each.path.starts_with("spec"))
      each.path = fmt::format("{}{}", cluster_path, each.path.substr(4));
    const bool known = std::ranges::any_of(to, [&each](const Finding& other) {
      return other.code == each.code && other.place.line == each.place.line &&
             other.place.column == each.place.column && other.path == each.path;
    });
    if (!known) to.push_back(std::move(each));
  }
}

std::chrono::seconds patience_of(const Cursor& annotation, std::chrono::seconds otherwise) {
  if (!annotation || !annotation.value().is_string()) return otherwise;
  const std::string text = annotation.text();
  std::optional<std::int64_t> whole = whole_number(text);
  if (whole && *whole > 0 && *whole < 1'000'000) return std::chrono::seconds(*whole);
  Result<Duration> span = parse_duration(text);
  if (span && *span >= std::chrono::seconds(1))
    return std::chrono::duration_cast<std::chrono::seconds>(*span);
  annotation.report("RK2651", fmt::format("{} is no span of time above 0", quoted(text)),
                    "write 10m, or 600");
  return otherwise;
}

void parse_upgrade(const Cursor& strategy, RayService& service) {
  const std::string type = strategy["type"].text("NewCluster");
  if (type == "None") service.upgrade = ServiceUpgrade::none;
  const Cursor options = strategy["clusterUpgradeOptions"];
  if (type != "NewClusterWithIncrementalUpgrade") {
    if (options)
      options.report_key("RK2654", "clusterUpgradeOptions are of an incremental upgrade only",
                         "remove them, or write type: NewClusterWithIncrementalUpgrade");
    return;
  }
  service.upgrade = ServiceUpgrade::incremental;
  const Cursor surge = options["maxSurgePercent"];
  const std::int64_t percent = surge.integer().value_or(100);
  if (percent < 1 || percent > 100)
    surge.report("RK2652", fmt::format("{} is not between 1 and 100", percent));
  service.max_surge_percent = static_cast<int>(std::clamp<std::int64_t>(percent, 1, 100));
  const Cursor interval = options["intervalSeconds"];
  const std::int64_t seconds = interval.integer().value_or(1);
  if (seconds < 1) interval.report("RK2652", fmt::format("{} is not above 0", seconds));
  service.step_interval = std::chrono::seconds(std::clamp<std::int64_t>(seconds, 1, 86400));
  for (const char* key : {"gatewayClassName", "stepSizePercent"}) {
    if (options[key])
      options[key].report_key("RK2654",
                              fmt::format("{} is not acted on: requests move with the Service's "
                                          "endpoints, as the capacity does",
                                          key));
  }
}

/// Both clusters run at a time.
void refuse_shared_state(const Cursor& root) {
  auto refuse = [](const Cursor& at, std::string_view what) {
    if (at)
      at.report_key("RK2655", fmt::format("all clusters of the RayService would share {}", what),
                    "leave it out: each cluster gets one of its own");
  };
  const Cursor options = root.at({"spec", "rayClusterConfig", "gcsFaultToleranceOptions"});
  refuse(options["externalStorageNamespace"], "this storage namespace");
  refuse(options.at({"storage", "claimName"}), "this volume");
  refuse(root["metadata"]["annotations"]["ray.io/external-storage-namespace"],
         "this storage namespace");
}

void check_names(const Cursor& root, const std::string& name) {
  if (name.size() > longest_name && name.size() <= longest_cluster_name)
    root["metadata"]["name"].report(
        "RK2650",
        fmt::format("the name has {} characters; at most {} leave room for the names of its "
                    "clusters",
                    name.size(), longest_name),
        "shorten it");
  const Cursor head = root.at({"spec", "rayClusterConfig", "headGroupSpec", "headService"});
  if (head["metadata"]["name"])
    head["metadata"]["name"].report_key("RK2653", "the head's Service of a RayService has no name",
                                        "remove it: it is called <name>-head-svc");
}

/// A port as Serve's configuration tells it, and under which name the head's container has to
/// declare it.
struct ServePort {
  const char* options;  // of the configuration
  const char* name;
  std::int64_t otherwise;
};

/// The port that Service, policies and probes go to, and the one that Serve is told to listen on.
void check_port(const Cursor& root, const doc::Value& told, const ServePort& which) {
  const Cursor container = ray_container(root.at({"spec", "rayClusterConfig", "headGroupSpec"}));
  std::int64_t declared = which.name == std::string_view("serve") ? which.otherwise : 0;
  for (const Cursor& port : container["ports"].items()) {
    if (port["name"].text() == which.name)
      declared = port["containerPort"].integer().value_or(which.otherwise);
  }
  const doc::Value* port = doc::find(told, {which.options, "port"});
  if (port != nullptr && !port->is_int64()) return;
  const std::int64_t listens = port == nullptr ? which.otherwise : port->get_int64();
  if (listens == declared) return;
  const Cursor config = root["spec"]["serveConfigV2"];
  if (declared == 0) {
    config.report_key(
        "RK2656",
        fmt::format("Serve would take gRPC requests on {}, and nobody lets them through: the "
                    "head's container has no port called {}",
                    listens, which.name),
        fmt::format("add {{name: {}, containerPort: {}}} to its ports", which.name, listens));
    return;
  }
  config.report_key("RK2656",
                    fmt::format("Serve would listen on {}, and the head's container calls {} {}",
                                listens, declared, which.name),
                    fmt::format("write {}: {{port: {}}} into it, or change the container's port",
                                which.options, declared));
}

void check_ports(const Cursor& root) {
  const Cursor config = root["spec"]["serveConfigV2"];
  if (!config || !config.value().is_string()) return;
  const doc::ReadResult read = doc::read_yaml(config.text(), "");
  if (read.documents.size() != 1) return;
  const doc::Value& told = read.documents[0].value;
  check_port(root, told, {"http_options", "serve", 8000});
  // Serve opens no gRPC port before it is told whose calls it takes.
  const doc::Array* servicers = doc::find_array(told, {"grpc_options", "grpc_servicer_functions"});
  if (servicers != nullptr && !servicers->empty())
    check_port(root, told, {"grpc_options", "serve-grpc", 9000});
}

void report_ignored(const Cursor& spec) {
  for (const char* key :
       {"serviceUnhealthySecondThreshold", "deploymentUnhealthySecondThreshold", "managedBy"}) {
    if (spec[key])
      spec[key].report_key("RK2654", fmt::format("{} is not acted on", key), "remove it");
  }
}

}  // namespace

namespace {

/// As the document says; where it says nothing, wherever there are workers.
bool serves_without_head(const doc::Value& service) {
  const doc::Value* said = doc::find(service, {"spec", "excludeHeadPodFromServeSvc"});
  if (said != nullptr && said->is_bool()) return said->get_bool();
  const doc::Array* groups =
      doc::find_array(service, {"spec", "rayClusterConfig", "workerGroupSpecs"});
  return groups != nullptr && std::ranges::any_of(*groups, [](const doc::Value& group) {
           const doc::Value* replicas = doc::find(group, {"replicas"});
           return replicas != nullptr && replicas->is_int64() && replicas->get_int64() > 0;
         });
}

}  // namespace

doc::Document cluster_document(const doc::Document& service, const std::string& name) {
  doc::Document made;
  made.file = service.file;
  made.places = service.places.of_parts({{"apiVersion", "/apiVersion"},
                                         {"kind", "/kind"},
                                         {"metadata", "/metadata"},
                                         {"spec", cluster_pointer}});
  doc::Object metadata;
  if (const doc::Object* given = doc::find_object(service.value, {"metadata"})) metadata = *given;
  auto add = [&metadata](const char* to, std::string_view key, std::string_view value) {
    doc::Value& map = metadata[to];
    if (map.is_null()) map = doc::Object{};
    if (map.is_object()) map.get_object()[key] = value;
  };
  const std::string service_name(doc::find_string(service.value, {"metadata", "name"}));
  add("labels", origin_name_label, service_name);
  add("labels", origin_kind_label, ray_service_kind);
  if (serves_without_head(service.value)) add("annotations", headless_serving_annotation, "true");
  if (!name.empty()) metadata["name"] = name;
  doc::Object spec;
  if (const doc::Object* given = doc::find_object(service.value, {"spec", "rayClusterConfig"}))
    spec = *given;
  const doc::Value* suspend = doc::find(service.value, {"spec", "suspend"});
  if (suspend != nullptr && suspend->is_bool()) spec["suspend"] = *suspend;
  made.value = doc::Object{{"apiVersion", doc::find_string(service.value, {"apiVersion"})},
                           {"kind", "RayCluster"},
                           {"metadata", std::move(metadata)},
                           {"spec", std::move(spec)}};
  return made;
}

ParsedRayService parse_ray_service(const doc::Document& document) {
  ParsedRayService out;
  const Cursor root(document, out.findings);
  if (!check_kind(root)) return out;
  check_shape(root, "RayService", kRayClusterShape);

  RayService service;
  const Cursor metadata = root["metadata"], spec = root["spec"];
  service.name = metadata["name"].text();
  service.ns = metadata["namespace"].text();
  service.labels = metadata["labels"].string_map();
  service.annotations = metadata["annotations"].string_map();
  service.serve_config = spec["serveConfigV2"].text();
  if (spec["serveService"]) service.serve_service = spec["serveService"].object();
  service.suspend = spec["suspend"].boolean();
  const std::int64_t delay = spec["rayClusterDeletionDelaySeconds"].integer().value_or(60);
  service.deletion_delay = std::chrono::seconds(std::clamp<std::int64_t>(delay, 0, 86400));
  service.patience = patience_of(metadata["annotations"][timeout_annotation], service.patience);
  parse_upgrade(spec["upgradeStrategy"], service);
  check_names(root, service.name);
  refuse_shared_state(root);
  report_ignored(spec);
  check_ports(root);
  if (spec && !spec["serveConfigV2"])
    spec.report("RK2657", "serveConfigV2 is missing: nothing is served", "write it");
  add_findings(out.findings, serve_config_findings(document));

  service.document = stored_document(document.value);
  if (spec["rayClusterConfig"] && spec["rayClusterConfig"].value().is_object()) {
    ParsedRayCluster parsed = parse_ray_cluster(cluster_document(document, ""));
    add_findings(out.findings, std::move(parsed.findings));
    if (parsed.cluster) {
      service.cluster = std::move(*parsed.cluster);
      // Without passwords.
      doc::Object& stored = service.document["spec"].as_object();
      stored["rayClusterConfig"] = service.cluster.document.at("spec");
      out.service = std::move(service);
    }
  }
  sort_by_place(out.findings);
  return out;
}

RayCluster cluster_named(const RayService& service, const std::string& name) {
  doc::Document document;
  document.value = service.document;
  ParsedRayCluster parsed = parse_ray_cluster(cluster_document(document, name));
  return parsed.cluster ? std::move(*parsed.cluster) : RayCluster{};
}

}  // namespace raykeep::spec
