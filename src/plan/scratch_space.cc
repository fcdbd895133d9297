#include "plan/scratch_space.h"

#include <map>
#include <optional>

#include <fmt/format.h>

#include "plan/object.h"
#include "spec/quantity.h"

namespace raykeep::plan {
namespace {

constexpr std::string_view storage = "ephemeral-storage";
constexpr std::int64_t mebibyte = 1 << 20;
/// Of a container: five files of 10 MiB are what the kubelet keeps, and a line may be long.
constexpr std::int64_t logs = 256 * mebibyte;

/// Bytes of each emptyDir on disk, by the volume's name; nothing where one has no limit.
std::optional<std::map<std::string, std::int64_t>> scratch_volumes(const doc::Object& pod_spec) {
  std::map<std::string, std::int64_t> sizes;
  const doc::Array* volumes = doc::find_array(pod_spec, {"volumes"});
  if (volumes == nullptr) return sizes;
  for (const doc::Value& volume : *volumes) {
    const doc::Value* directory = doc::find(volume, {"emptyDir"});
    if (directory == nullptr || !doc::find_string(*directory, {"medium"}).empty()) continue;
    const doc::Value* limit = doc::find(*directory, {"sizeLimit"});
    if (limit == nullptr) return std::nullopt;
    auto size = spec::parse_quantity(limit->is_string() ? std::string(limit->get_string())
                                                        : doc::write_json(*limit));
    if (!size) return std::nullopt;
    sizes[std::string(doc::find_string(volume, {"name"}))] = size->ceil();
  }
  return sizes;
}

bool says_storage(const doc::Object& container) {
  return doc::find(container, {"resources", "limits", storage}) != nullptr ||
         doc::find(container, {"resources", "requests", storage}) != nullptr;
}

bool has_read_only_root(const doc::Object& container) {
  const doc::Value* said = doc::find(container, {"securityContext", "readOnlyRootFilesystem"});
  return said != nullptr && said->is_bool() && said->get_bool();
}

std::string in_mebibytes(std::int64_t bytes) {
  return fmt::format("{}Mi", (bytes + mebibyte - 1) / mebibyte);
}

/// The containers of both lists that say nothing themselves.
std::vector<doc::Object*> silent_containers(doc::Object& pod_spec) {
  std::vector<doc::Object*> found;
  for (std::string_view list : {"initContainers", "containers"}) {
    doc::Value* containers = pod_spec.if_contains(list);
    if (containers == nullptr || !containers->is_array()) continue;
    for (doc::Value& container : containers->get_array()) {
      if (container.is_object() && !says_storage(container.get_object()))
        found.push_back(&container.get_object());
    }
  }
  return found;
}

std::int64_t mounted(const doc::Object& container,
                     const std::map<std::string, std::int64_t>& sizes) {
  std::int64_t sum = 0;
  const doc::Array* mounts = doc::find_array(container, {"volumeMounts"});
  if (mounts == nullptr) return sum;
  for (const auto& [name, size] : sizes) {
    for (const doc::Value& mount : *mounts) {
      if (doc::find_string(mount, {"name"}) != name) continue;
      sum += size;
      break;
    }
  }
  return sum;
}

}  // namespace

void limit_scratch_space(doc::Object& pod_spec) {
  const auto sizes = scratch_volumes(pod_spec);
  const std::vector<doc::Object*> containers = silent_containers(pod_spec);
  if (!sizes) return;
  for (const doc::Object* container : containers) {
    if (!has_read_only_root(*container)) return;
  }
  for (doc::Object* container : containers) {
    doc::Object& resources = object_at(*container, "resources");
    object_at(resources, "limits")[storage] = in_mebibytes(logs + mounted(*container, *sizes));
    object_at(resources, "requests")[storage] = in_mebibytes(logs);
  }
}

}  // namespace raykeep::plan
