#include "spec/ray_cluster.h"

#include <fmt/format.h>

#include "base/text.h"
#include "spec/groups.h"
#include "spec/names.h"
#include "spec/ray_service.h"
#include "spec/reader.h"
#include "spec/shape.h"
#include "spec/validate.h"

namespace raykeep::spec {
namespace {

/// Is it a RayCluster at all? Otherwise nothing more is said than that.
bool check_kind(const Cursor& root) {
  if (!root || !root.value().is_object()) {
    root.report("RK2006", "the document is not a map",
                "begin with apiVersion: ray.io/v1 and kind: RayCluster");
    return false;
  }
  std::string version = root["apiVersion"].text(), kind = root["kind"].text();
  if (kind != "RayCluster") {
    root["kind"].report("RK2006", fmt::format("kind is {}, not RayCluster", quoted(kind)));
    return false;
  }
  if (version == "ray.io/v1alpha1") {
    root["apiVersion"].report("RK2008", "ray.io/v1alpha1 is deprecated", "write ray.io/v1");
  } else if (version != "ray.io/v1") {
    root["apiVersion"].report("RK2006", fmt::format("apiVersion is {}", quoted(version)),
                              "write ray.io/v1");
  }
  return true;
}

std::string service_of(const StringMap& labels) {
  auto kind = labels.find(std::string(origin_kind_label));
  auto name = labels.find(std::string(origin_name_label));
  const bool is_served = kind != labels.end() && kind->second == ray_service_kind;
  return is_served && name != labels.end() ? name->second : "";
}

AuthOptions parse_auth(const Cursor& auth) {
  AuthOptions out;
  std::string mode = auth["mode"].text();
  if (mode == "token") out.mode = AuthMode::token;
  if (mode == "disabled") out.mode = AuthMode::disabled;
  out.secret_name = auth["secretName"].text();
  return out;
}

}  // namespace

ParsedRayCluster parse_ray_cluster(const doc::Document& document) {
  ParsedRayCluster out;
  Cursor root(document, out.findings);
  if (!check_kind(root)) return out;
  check_shape(root, "RayCluster", kRayClusterShape);

  RayCluster cluster;
  Cursor metadata = root["metadata"], spec = root["spec"];
  cluster.name = metadata["name"].text();
  cluster.ns = metadata["namespace"].text();
  cluster.labels = metadata["labels"].string_map();
  cluster.annotations = metadata["annotations"].string_map();
  cluster.service = service_of(cluster.labels);
  cluster.serves_without_head =
      cluster.annotations.contains(std::string(headless_serving_annotation));
  cluster.ray_version = spec["rayVersion"].text();
  cluster.head_service_annotations = spec["headServiceAnnotations"].string_map();
  cluster.suspend = spec["suspend"].boolean();
  cluster.auth = parse_auth(spec["authOptions"]);
  cluster.head = parse_head_group(spec["headGroupSpec"]);
  for (const Cursor& group : spec["workerGroupSpecs"].items()) {
    if (group) cluster.workers.push_back(parse_worker_group(group));
  }
  cluster.fault_tolerance = parse_fault_tolerance(root);
  cluster.document = stored_document(document.value);
  hide_redis_passwords(cluster.document, cluster.name, cluster.fault_tolerance);

  validate(root);
  if (metadata["name"] && spec["headGroupSpec"]) out.cluster = std::move(cluster);
  sort_by_place(out.findings);
  return out;
}

}  // namespace raykeep::spec
