#include "report/objects.h"

#include <algorithm>
#include <set>

#include "plan/names.h"
#include "report/workloads.h"

namespace raykeep::report {
namespace {

std::string_view purpose(const Input& input, const doc::Value& object) {
  const std::string& cluster = input.plan.cluster;
  std::string_view kind = doc::find_string(object, {"kind"});
  std::string_view name = doc::find_string(object, {"metadata", "name"});
  const bool redis = name == plan::redis_name(cluster);
  if (kind == "ConfigMap" && name == plan::owner_name(cluster))
    return "stores the document and the Site; owns all the rest, which goes with it";
  if (kind == "ConfigMap" && name == plan::gcs_redis_name(cluster))
    return "tells the head's agent the way to Redis; no secret";
  if (kind == "ConfigMap" && redis) return "the configuration of the cluster's Redis";
  if (kind == "NetworkPolicy") return "who may talk to these pods, and to whom they may talk";
  if (kind == "Secret") return "Ray's token";
  if (kind == "Service" && name == plan::head_service_name(input.cluster))
    return "the name by which the head is found";
  if (kind == "Service" && name == plan::serve_service_name(cluster))
    return "requests to Serve, to proxies that are ready";
  if (kind == "Service" && redis) return "the name by which the cluster's Redis is found";
  if (kind == "StatefulSet" && redis) return "the cluster's Redis: keeps the head's state";
  if (kind == "StatefulSet") return "the head: at most one at a time";
  if (kind == "Deployment") return "a group of workers";
  if (kind == "PodDisruptionBudget") return "how many pods a node's drain may take at once";
  if (kind == "PersistentVolumeClaim") return "the volume that keeps the head's state";
  return "";
}

std::set<std::string> labels_of(const std::vector<doc::Value>& objects) {
  std::set<std::string> labels;
  for (const doc::Value& each : objects) labels.insert(label_of(each));
  return labels;
}

std::vector<std::string> without(const std::vector<doc::Value>& objects,
                                 const std::set<std::string>& others) {
  std::vector<std::string> left;
  for (const doc::Value& each : objects) {
    if (!others.contains(label_of(each))) left.push_back(label_of(each));
  }
  return left;
}

}  // namespace

doc::Array objects(const Input& input) {
  doc::Array made;
  for (const doc::Value& object : input.objects()) {
    std::string_view kind = doc::find_string(object, {"kind"}), what = purpose(input, object);
    auto alike = std::ranges::find_if(made, [&](const doc::Value& each) {
      return doc::find_string(each, {"kind"}) == kind && doc::find_string(each, {"what"}) == what;
    });
    doc::Value name(doc::find_string(object, {"metadata", "name"}));
    if (alike == made.end()) {
      made.push_back(doc::Object{{"kind", kind}, {"what", what}, {"names", doc::Array{name}}});
    } else {
      alike->get_object()["names"].get_array().push_back(name);
    }
  }
  return made;
}

std::vector<std::string> missing_objects(const Input& input) {
  if (!input.running) return {};
  return without(input.plan.objects, labels_of(input.running->objects));
}

std::vector<std::string> unplanned_objects(const Input& input) {
  if (!input.running) return {};
  return without(input.running->objects, labels_of(input.plan.objects));
}

}  // namespace raykeep::report
