// RayService, as KubeRay's users write it (ray.io/v1), as a value: what is served, the cluster that
// it runs on, and how another cluster takes its place.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "spec/ray_cluster.h"

namespace raykeep::spec {

/// KubeRay's labels on what was made for a RayService (ray-operator/controllers/ray/utils/
/// constant.go). A cluster that carries them belongs to one.
inline constexpr std::string_view origin_name_label = "ray.io/originated-from-cr-name";
inline constexpr std::string_view origin_kind_label = "ray.io/originated-from-crd";
inline constexpr std::string_view ray_service_kind = "RayService";

/// On a cluster's document: its head gets no requests from outside (excludeHeadPodFromServeSvc).
inline constexpr std::string_view headless_serving_annotation = "raykeep.io/serve-without-head";

/// What follows the RayService's name in the names of its clusters: a dash and five characters.
inline constexpr std::size_t cluster_suffix_length = 6;

enum class ServiceUpgrade {
  new_cluster,  // a whole one beside it, then all requests at once
  incremental,  // in steps of capacity: worker for worker
  none,         // what changes the pods is not carried out
};

struct RayService {
  std::string name;
  std::string ns;  // metadata.namespace, may be empty
  StringMap labels;
  StringMap annotations;
  std::string serve_config;                  // serveConfigV2 as written; may be empty
  std::optional<doc::Object> serve_service;  // core/v1 Service to start from
  ServiceUpgrade upgrade = ServiceUpgrade::new_cluster;
  int max_surge_percent = 100;
  std::chrono::seconds step_interval{};     // a step of an incremental upgrade lasts as long
  std::chrono::seconds deletion_delay{60};  // both clusters serve that long, then the former goes
  std::chrono::seconds patience{15 * 60};   // for a new cluster to serve
  bool suspend = false;
  /// The cluster under the RayService's own name: its clusters differ from it in that alone.
  RayCluster cluster;
  doc::Object document;  // what is stored: as RayCluster::document
};

struct ParsedRayService {
  std::optional<RayService> service;  // absent when the document is not usable at all
  Findings findings;
};

/// Parses and validates one document with kind RayService, its serveConfigV2 included. All findings
/// at once; when there is an error among them the service must not be used.
ParsedRayService parse_ray_service(const doc::Document& document);

/// The cluster of a RayService's document as a document of its own, whose places are those of the
/// RayService's. `name`: of the cluster; empty: the RayService's own.
doc::Document cluster_document(const doc::Document& service, const std::string& name);

/// One of its clusters.
RayCluster cluster_named(const RayService& service, const std::string& name);

}  // namespace raykeep::spec
