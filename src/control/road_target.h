// Where a head keeps its state, read from its pod as it stands in the cluster: not from a document,
// because what a fence is worth depends on what runs, not on what was wished for. And what is
// needed to ask that Redis, or to clean it when the cluster is gone: the road's configuration, and
// from which Secret or ConfigMap each file comes that it names.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "control/decide/facts.h"
#include "doc/json.h"

namespace raykeep::control {

/// One key of a Secret or ConfigMap.
struct FileSource {
  bool secret = true;
  std::string name;
  std::string key;
  bool operator==(const FileSource&) const = default;
};

struct HeadStorage {
  decide::Storage storage = decide::Storage::memory;
  bool on_road = false;                     // the agent is process 1 and has the road to Redis
  std::string config_file;                  // the road's configuration, as a path in the container
  std::map<std::string, FileSource> files;  // the container's files below the road's folders
  std::string claim;                        // of the volume that RocksDB lies on
  bool operator==(const HeadStorage&) const = default;
};

/// Where the content of one of the container's files comes from, also of one that its folder holds
/// without being listed. Nothing: from neither a Secret nor a ConfigMap.
std::optional<FileSource> source_of(const std::string& file, const HeadStorage& storage);

/// From a pod's spec, or a pod template's.
HeadStorage head_storage(const doc::Object& pod_spec);

/// What the road's configuration says, as far as others need it. Nothing when it cannot be read.
struct RoadTarget {
  std::string config;  // its JSON, as it is
  std::string storage_namespace;
  std::vector<std::string> addresses;       // of Redis or of the Sentinels
  std::map<std::string, FileSource> files;  // only those that the configuration names
  /// The content of files that goes with the cluster, and is not secret.
  std::map<std::string, std::string> texts = {};
  bool operator==(const RoadTarget&) const = default;
};
std::optional<RoadTarget> road_target(const std::string& config, const HeadStorage& storage);

/// As it is kept in a note, and read from there.
doc::Object to_json(const RoadTarget& target);
std::optional<RoadTarget> target_from_json(const doc::Value& value);

}  // namespace raykeep::control
