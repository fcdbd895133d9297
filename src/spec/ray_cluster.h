// RayCluster, as KubeRay's users write it (ray.io/v1; ray.io/v1alpha1 is read the same way), as a
// value. Parsing takes every field of KubeRay 1.7; what Raykeep does not act on yet gives a
// finding, never silence. KubeRay's schema defaults are applied on reading, its validation rules by
// validate().
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/finding.h"
#include "doc/document.h"
#include "spec/fault_tolerance.h"
#include "spec/string_map.h"

namespace raykeep::spec {

/// "name: value" options of `ray start`, sorted by name: `num-cpus`, `port`, ...
using StartParams = std::map<std::string, std::string>;

/// What the head group and a worker group have in common.
struct Group {
  std::string name;          // "headgroup", or groupName
  StartParams start_params;  // as written; Raykeep's completion happens in plan
  StringMap resources;       // Ray's logical resources (quantity strings), override what limits say
  StringMap labels;          // Ray node labels and pod labels
  doc::Object pod_template;  // core/v1 PodTemplateSpec as written, null members dropped
  std::string pointer;       // where the group stands in the document: "/spec/workerGroupSpecs/1"
};

/// The container that runs Ray: by KubeRay's rule the first of the pod. nullptr where the template
/// has none.
const doc::Object* ray_container(const Group& group);

struct HeadGroup : Group {
  std::optional<doc::Object> head_service;  // core/v1 Service to start from
  std::string service_type;                 // "", ClusterIP, NodePort, LoadBalancer, ExternalName
  bool enable_ingress = false;
};

struct WorkerGroup : Group {
  std::int32_t replicas = 0;  // clamped to [min, max], as KubeRay does
  std::int32_t min_replicas = 0;
  std::int32_t max_replicas = 2147483647;
  std::int32_t num_of_hosts = 1;
  bool suspend = false;
};

enum class AuthMode {
  unset,  // not said: token where the Ray version can (>= 2.52)
  disabled,
  token,
};

struct AuthOptions {
  AuthMode mode = AuthMode::unset;
  std::string secret_name;  // an existing Secret with key auth_token; empty: Raykeep makes one
};

struct RayCluster {
  std::string name;
  std::string ns;  // metadata.namespace, may be empty
  StringMap labels;
  StringMap annotations;
  std::string ray_version;  // "2.60.0"; empty when not said
  bool suspend = false;
  std::string service;               // of the RayService that it belongs to; empty: none
  bool serves_without_head = false;  // its head gets no requests from outside
  AuthOptions auth;
  FaultTolerance fault_tolerance;
  StringMap head_service_annotations;  // put on the head Service, over headService's own
  HeadGroup head;
  std::vector<WorkerGroup> workers;
  doc::Object document;  // what is stored: as written, without status, managed fields and passwords
};

struct ParsedRayCluster {
  std::optional<RayCluster> cluster;  // absent when the document is not usable at all
  Findings findings;
};

/// Parses, defaults and validates one document with kind RayCluster. All findings at once; when
/// there is an error among them the cluster must not be used.
ParsedRayCluster parse_ray_cluster(const doc::Document& document);

/// "2.60.0" -> {2, 60, 0}. Suffixes ("2.9.0rc1", "2.53.0.dev1") are cut off.
struct RayVersion {
  int major = 0, minor = 0, patch = 0;
  auto operator<=>(const RayVersion&) const = default;
};
std::optional<RayVersion> parse_ray_version(const std::string& text);

}  // namespace raykeep::spec
