#include "plan/object.h"

#include <cstdint>

#include <fmt/format.h>

namespace raykeep::plan {

doc::Object object(const Input& input, std::string_view api_version, std::string_view kind,
                   std::string_view name) {
  doc::Object labels;
  labels[managed_by_label] = managed_by;
  labels[cluster_label] = input.cluster.name;
  labels[ray_cluster_label] = input.cluster.name;
  add_missing(labels, to_object(input.cluster.labels));

  doc::Object metadata;
  metadata["name"] = name;
  metadata["namespace"] = input.ns;
  metadata["labels"] = std::move(labels);

  doc::Object made;
  made["apiVersion"] = api_version;
  made["kind"] = kind;
  made["metadata"] = std::move(metadata);
  return made;
}

doc::Object pod_selector(const spec::RayCluster& cluster, flow::Role role,
                         const std::string& group) {
  doc::Object selector;
  selector[ray_cluster_label] = cluster.name;
  selector[ray_node_type_label] = flow::to_string(role);
  if (!group.empty()) selector[ray_group_label] = group;
  return selector;
}

std::string content_hash(std::string_view text) {
  std::uint64_t sum = 0xcbf29ce484222325;  // FNV-1a
  for (unsigned char c : text) sum = (sum ^ c) * 0x100000001b3;
  return fmt::format("{:016x}", sum);
}

doc::Object to_object(const spec::StringMap& map) {
  doc::Object made;
  for (const auto& [key, value] : map) made[key] = value;
  return made;
}

void add_missing(doc::Object& target, const doc::Object& source) {
  for (const auto& member : source) {
    if (!target.contains(member.key())) target[member.key()] = member.value();
  }
}

doc::Object& object_at(doc::Object& parent, std::string_view key) {
  doc::Value& value = parent[key];
  return value.is_object() ? value.get_object() : value.emplace_object();
}

doc::Array& array_at(doc::Object& parent, std::string_view key) {
  doc::Value& value = parent[key];
  return value.is_array() ? value.get_array() : value.emplace_array();
}

void add_volume(doc::Object& pod_spec, doc::Object volume) {
  array_at(pod_spec, "volumes").push_back(std::move(volume));
}

}  // namespace raykeep::plan
