// The common shape of every object in a plan: apiVersion, kind, metadata with the inventory labels.
#pragma once

#include <string>
#include <string_view>

#include "doc/json.h"
#include "flow/flow.h"
#include "plan/names.h"
#include "spec/ray_cluster.h"
#include "spec/site.h"
#include "spec/storage.h"

namespace raykeep::plan {

/// What every builder is given. References outlive the planning.
struct Input {
  const spec::RayCluster& cluster;
  const spec::Site& site;
  const std::string& ns;
  const std::vector<flow::Flow>& flows;
  const spec::Storage& storage;
  const std::string& storage_namespace;  // RAY_external_storage_namespace
  bool token = false;                    // does Ray check a token?
};

/// An object without spec: {"apiVersion", "kind", "metadata": {"name", "namespace", "labels"}}. The
/// labels are the inventory, the cluster's own labels and KubeRay's `ray.io/cluster`.
doc::Object object(const Input& input, std::string_view api_version, std::string_view kind,
                   std::string_view name);

/// The labels by which Services, policies and controllers find Ray's pods. `group` only for
/// workers, may be empty: all.
doc::Object pod_selector(const spec::RayCluster& cluster, flow::Role role,
                         const std::string& group);

/// Sixteen hex digits by which a pod template says which configuration it runs with, so that pods
/// are replaced when that changes. Not for secrets.
std::string content_hash(std::string_view text);

/// {"a": "b"} from a map.
doc::Object to_object(const spec::StringMap& map);

/// Copies members that `target` does not have yet.
void add_missing(doc::Object& target, const doc::Object& source);

/// The member as an object, made when absent (or not an object). The reference lasts until any
/// member of `parent` is asked for with [] or these: even for one that is there, Boost may move
/// all.
doc::Object& object_at(doc::Object& parent, std::string_view key);
doc::Array& array_at(doc::Object& parent, std::string_view key);

/// Appends to the pod's volumes.
void add_volume(doc::Object& pod_spec, doc::Object volume);

}  // namespace raykeep::plan
